package io.onlyonce.query.audit;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The first 128 bits of the SHA-256 digest of an order in canonical JSON. Two different orders have the same digest
 * with a probability of about 1 in 10^38.
 */
record OrderDigest(long high, long low) {
    /** For content that is not a valid order. Differs from the digest of every order. */
    static final OrderDigest INVALID = new OrderDigest(0, 0);

    static OrderDigest of(Order order) {
        try {
            ByteBuffer hash =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(OrderJson.write(order)));
            return new OrderDigest(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK provides SHA-256", e);
        }
    }
}
