/**
 * Load, faults and an independent audit: does what was acknowledged come out once, whatever is killed on the way?
 *
 * <p>In the manner of Jepsen: the {@link io.onlyonce.verifier.Ledger} notes what was sent and how it was answered, the
 * {@link io.onlyonce.verifier.History} what the topics and tables hold, and the {@link io.onlyonce.verifier.Checker}
 * compares the two. Nothing here knows a service's internals or believes a service's figures; the contract is enough.
 */
package io.onlyonce.verifier;
