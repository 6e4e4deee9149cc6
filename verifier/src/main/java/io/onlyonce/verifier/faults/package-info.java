/** The faults that are injected while the load runs. */
package io.onlyonce.verifier.faults;
