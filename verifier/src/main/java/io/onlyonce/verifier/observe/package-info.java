/** Readers of the topics and tables: watchers during the run, and the complete read for the audit after it. */
package io.onlyonce.verifier.observe;
