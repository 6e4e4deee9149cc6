/** {@code ./lab}: runs the system without Docker, as processes on this machine, and runs the verifier against it. */
package io.onlyonce.launcher;
