package io.onlyonce.model;

import java.io.ByteArrayOutputStream;
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
    /** Longer than the content of most orders, so that the buffer seldom grows. */
    private static final int USUAL_BYTES = 256;

    private final ByteArrayOutputStream content = new ByteArrayOutputStream(USUAL_BYTES);

    private OrderDigest() {}

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
        return digest.firstBytes();
    }

    private void add(BigDecimal amount) {
        add(amount.stripTrailingZeros().toPlainString());
    }

    /** Adds the length first, so that "a" and "bc" differ from "ab" and "c". */
    private void add(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        add(utf8.length);
        content.writeBytes(utf8);
    }

    private void add(int number) {
        content.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    private long firstBytes() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.toByteArray());
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java platform has SHA-256", e);
        }
    }
}
