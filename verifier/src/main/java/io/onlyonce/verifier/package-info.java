/**
 * Verifies the system from outside: applies load and faults, then checks that every acknowledged order was processed
 * exactly once.
 *
 * <p>The method follows Jepsen. The {@code Ledger} records the requests and responses, the {@code History} records the
 * content of the topics and tables, and the {@code Checker} compares the two. The verifier depends only on the contract. It
 * does not use the internals or the figures of any service. The entry points are
 * {@link io.onlyonce.verifier.Verification} and {@link io.onlyonce.verifier.Demo}.
 */
package io.onlyonce.verifier;
