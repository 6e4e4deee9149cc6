/**
 * Writes requests to the topic {@code orders}. {@link io.onlyonce.ingest.delivery.Delivery} selects the {@link
 * io.onlyonce.ingest.delivery.OrderSender} of the current mode. In exactly-once mode, a request waits in the {@code
 * RequestQueue} until a {@code TransactionWorker} has committed it.
 */
package io.onlyonce.ingest.delivery;
