package io.onlyonce.model;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * A valid order; the content of a record in {@code orders}.
 *
 * @param orderId the identity for deduplication, also the record key; 1 to 128 characters
 * @param customerId 1 to 128 characters
 * @param items 1 to 500 items
 * @param totalAmount the amount due, not negative, two decimals. It is not compared with the sum of the items, which does
 *     not include shipping, tax and discounts.
 * @param createdAt truncated to microseconds
 */
public record Order(
        String orderId, String customerId, List<OrderItem> items, BigDecimal totalAmount, Instant createdAt) {
    /** @throws InvalidOrderException if a field is invalid */
    public Order {
        Rules.printable("order_id", orderId, Rules.MAX_ID_LENGTH);
        Rules.printable("customer_id", customerId, Rules.MAX_ID_LENGTH);
        Rules.atMost(Rules.MAX_ITEMS, "items", Rules.notEmpty("items", items).size());
        items = List.copyOf(items);
        totalAmount = Rules.money("total_amount", totalAmount);
        createdAt = Rules.instant("created_at", createdAt);
    }
}
