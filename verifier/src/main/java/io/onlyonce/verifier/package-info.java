/**
 * Verifies the system from outside: applies load and faults, then checks that every acknowledged order was processed
 * exactly once.
 *
 * <p>The method follows Jepsen. The {@code Ledger} records the requests and responses, the {@code History} records the
 * content of the topics and tables, and the {@code Checker} compares the two. The verifier depends only on the contract. It
 * does not use the internals or the figures of any service.
 *
 * <p>{@code plan} generates the orders, {@code load} sends them, {@code faults} kills and freezes components,
 * {@code observe} reads topics and tables, {@code check} finds anomalies, and {@code report} shows the result. This
 * package contains the entry points {@link io.onlyonce.verifier.Verification} and {@link io.onlyonce.verifier.Demo}, and
 * the interfaces that a caller implements.
 */
package io.onlyonce.verifier;
