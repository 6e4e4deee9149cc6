/**
 * The order stream, which emits each order_id once with Kafka Streams.
 *
 * <ul>
 *   <li>{@code topology} processes the orders and does not depend on the other packages.
 *   <li>{@code runtime} runs the topology: lifecycle, identity, persisted state, health.
 *   <li>{@code metrics} counts and logs the results.
 *   <li>{@code faults} injects crashes and failures.
 *   <li>{@code http} is the HTTP API.
 * </ul>
 */
package io.onlyonce.stream;
