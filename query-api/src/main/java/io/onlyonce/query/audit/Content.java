package io.onlyonce.query.audit;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What an order says (customer, items, money, time) in 128 bits: the beginning of the SHA-256 of its canonical JSON. Two
 * orders that differ have the same content with a probability of about 1 in 10^38.
 */
record Content(long high, long low) {
    /** Of something that is no order: equal to no order's. */
    static final Content NONE = new Content(0, 0);

    static Content of(Order order) {
        try {
            ByteBuffer hash =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(OrderJson.write(order)));
            return new Content(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
