package io.onlyonce.model;

/**
 * An order of the topic {@code orders}, with JSON text that represents exactly this order.
 *
 * @param json one JSON object in UTF-8: the original bytes, or newly written text if {@link OrderJson#decode} cannot keep
 *     them
 */
public record DecodedOrder(Order order, byte[] json) {}
