/** The HTTP client that sends the planned orders and records every response in the ledger. */
package io.onlyonce.verifier.load;
