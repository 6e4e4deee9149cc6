package io.onlyonce.model;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Digest of the content of an order. Two orders with the same order_id and different digests are a conflict. Two different
 * contents have the same digest with a probability of 2^-64.
 */
public final class OrderDigest {
    private final MessageDigest sha256;

    private OrderDigest() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java platform has SHA-256", e);
        }
    }

    /**
     * Returns the first 8 bytes of SHA-256 over customer_id, items and total_amount. The order_id and created_at are not
     * content: a client that repeats a request can omit both, and the server then sets them.
     *
     * <p>The digest does not depend on the JSON text: white space, the sequence of the fields and trailing zeros of
     * decimals make no difference. The sequence of the items does.
     */
    public static long of(Order order) {
        OrderDigest digest = new OrderDigest();
        digest.add(order.customerId());
        digest.add(order.items().size());
        for (OrderItem item : order.items()) {
            digest.add(item.name());
            digest.add(item.quantity());
            digest.add(item.price());
        }
        digest.add(order.totalAmount());
        return ByteBuffer.wrap(digest.sha256.digest()).getLong();
    }

    private void add(BigDecimal amount) {
        add(amount.stripTrailingZeros().toPlainString());
    }

    /** Adds the length first, so that "a" and "bc" differ from "ab" and "c". */
    private void add(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        add(utf8.length);
        sha256.update(utf8);
    }

    private void add(int number) {
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    }
}
