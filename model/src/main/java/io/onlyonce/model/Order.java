package io.onlyonce.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * An order as it stands in the topic {@code orders}.
 *
 * <p>The total is what the customer owes, and is not recomputed: shipping, tax and discounts are no items.
 *
 * @param orderId the identity that deduplication goes by; also the record's key; 1 to 128 characters
 * @param customerId who ordered; 1 to 128 characters
 * @param items what was ordered; 1 to 500
 * @param totalAmount what it costs, two decimals, never negative
 * @param createdAt when it was placed, to the microsecond
 */
public record Order(
        String orderId, String customerId, List<OrderItem> items, BigDecimal totalAmount, Instant createdAt) {
    /** @throws InvalidOrderException where a field breaks its rule */
    public Order {
        Rules.id("order_id", orderId);
        Rules.id("customer_id", customerId);
        if (items == null) {
            throw new InvalidOrderException("items", "is missing");
        }
        if (items.isEmpty()) {
            throw new InvalidOrderException("items", "is empty");
        }
        if (items.size() > Rules.MAX_ITEMS) {
            throw new InvalidOrderException("items", "has more than " + Rules.MAX_ITEMS + " entries");
        }
        items = List.copyOf(items);
        totalAmount = Rules.money("total_amount", totalAmount);
        createdAt = Rules.instant("created_at", createdAt);
    }
}
