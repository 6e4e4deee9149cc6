/**
 * The topology: reads {@code orders}, emits each order_id once, and rejects duplicates. Copy this package to use it in
 * another application. It depends on Kafka Streams and the order model only.
 */
package io.onlyonce.stream.topology;
