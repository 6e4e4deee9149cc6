package io.onlyonce.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * An order as a client sends it. Its items have kept their rules already; the other fields are held to theirs when it
 * becomes an {@link Order}.
 *
 * @param orderId null where the client leaves the identity to the server
 * @param createdAt null where the order is placed as it arrives
 */
public record OrderDraft(
        String orderId, String customerId, List<OrderItem> items, BigDecimal totalAmount, Instant createdAt) {
    /**
     * @param id the order's, where the draft has none
     * @param now when the order was placed, where the draft does not say
     * @throws InvalidOrderException where a field breaks its rule
     */
    public Order toOrder(String id, Instant now) {
        return new Order(
                orderId == null ? id : orderId, customerId, items, totalAmount, createdAt == null ? now : createdAt);
    }
}
