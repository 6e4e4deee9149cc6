/**
 * The order stream: {@code orders} in, each order_id out once, with Kafka Streams.
 *
 * <p>{@link io.onlyonce.stream.OrderTopology} is what happens to an order; {@link io.onlyonce.stream.OrderStream} keeps
 * it running, in the mode asked for; the controllers let a person look at it, and break it.
 */
package io.onlyonce.stream;
