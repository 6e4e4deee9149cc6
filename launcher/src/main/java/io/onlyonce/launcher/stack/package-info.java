/** The six processes of the system, their ports and directories, and the faults that the verifier injects. */
package io.onlyonce.launcher.stack;
