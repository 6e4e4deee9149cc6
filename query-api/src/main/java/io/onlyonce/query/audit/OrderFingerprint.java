package io.onlyonce.query.audit;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDigest;
import io.onlyonce.model.OrderJson;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * 128 bits of SHA-256 digests of an order. Two different orders have the same fingerprint with a probability of about 1
 * in 10^38.
 *
 * @param content the digest of the fields that decide whether a duplicate is a conflict; see {@link OrderDigest}
 * @param complete the digest of all fields
 */
record OrderFingerprint(long content, long complete) {
    /** For content that is not a valid order. Differs from the fingerprint of every order. */
    static final OrderFingerprint INVALID = new OrderFingerprint(0, 0);

    static OrderFingerprint of(Order order) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(OrderJson.write(order));
            return new OrderFingerprint(
                    OrderDigest.of(order), ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK provides SHA-256", e);
        }
    }
}
