/**
 * {@code ./lab}: runs the whole system without Docker, as operating-system processes on this machine, and lets the
 * verifier loose on it.
 */
package io.onlyonce.launcher;
