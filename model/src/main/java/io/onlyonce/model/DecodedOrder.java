package io.onlyonce.model;

/**
 * An order that was read from the topic {@code orders}, and the text that says the same.
 *
 * @param json UTF-8, one object: the bytes that the order was read from; where those have other than two decimals, a
 *     time finer than the order's, another encoding or much white space, the order as it is written
 */
public record DecodedOrder(Order order, byte[] json) {}
