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
    private static final Order VALID = new Order(
            "id", "customer", List.of(new OrderItem("name", 1, BigDecimal.ONE)), BigDecimal.ONE, Instant.EPOCH);

    /**
     * @param defaultId used if the draft has no ID
     * @param defaultTime used if the draft has no time
     * @throws InvalidOrderException with all invalid fields
     */
    public Order toOrder(String defaultId, Instant defaultTime) {
        String id = orderId == null ? defaultId : orderId;
        Instant time = createdAt == null ? defaultTime : createdAt;
        try {
            return new Order(id, customerId, items, totalAmount, time);
        } catch (InvalidOrderException e) {
            throw InvalidOrderException.all(errors(id, time));
        }
    }

    /** Validates each field on its own, with valid values for the others. */
    private List<InvalidOrderException> errors(String id, Instant time) {
        return OrderJson.errors(
                () -> new Order(id, VALID.customerId(), VALID.items(), VALID.totalAmount(), VALID.createdAt()),
                () -> new Order(VALID.orderId(), customerId, VALID.items(), VALID.totalAmount(), VALID.createdAt()),
                () -> new Order(VALID.orderId(), VALID.customerId(), items, VALID.totalAmount(), VALID.createdAt()),
                () -> new Order(VALID.orderId(), VALID.customerId(), VALID.items(), totalAmount, VALID.createdAt()),
                () -> new Order(VALID.orderId(), VALID.customerId(), VALID.items(), VALID.totalAmount(), time));
    }

    /** The errors of the fields that the client must set, with a valid ID and time if the draft has none. */
    List<InvalidOrderException> errors() {
        return errors(orderId == null ? VALID.orderId() : orderId, createdAt == null ? VALID.createdAt() : createdAt);
    }
}
