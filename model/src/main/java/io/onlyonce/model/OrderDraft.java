package io.onlyonce.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * An order as a client sends it. Only its items are validated; {@link Order} validates the other fields.
 *
 * @param orderId null if the server is to generate the ID
 * @param createdAt null if the server is to set the time
 */
public record OrderDraft(
        String orderId, String customerId, List<OrderItem> items, BigDecimal totalAmount, Instant createdAt) {
    /**
     * @param defaultId used if the draft has no ID
     * @param defaultTime used if the draft has no time
     * @throws InvalidOrderException if a field is invalid
     */
    public Order toOrder(String defaultId, Instant defaultTime) {
        return new Order(
                orderId == null ? defaultId : orderId,
                customerId,
                items,
                totalAmount,
                createdAt == null ? defaultTime : createdAt);
    }
}
