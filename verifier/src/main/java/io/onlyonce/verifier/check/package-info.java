/** The ledger, the history and the checker that compares them. No class of this package performs IO. */
package io.onlyonce.verifier.check;
