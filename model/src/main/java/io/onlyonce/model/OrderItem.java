package io.onlyonce.model;

import java.math.BigDecimal;

/**
 * One line of an order.
 *
 * @param name what is bought; 1 to 256 characters
 * @param quantity how many; at least 1
 * @param price of one, in the order's currency, two decimals, never negative
 */
public record OrderItem(String name, int quantity, BigDecimal price) {
    /** @throws InvalidOrderException where a field breaks its rule */
    public OrderItem {
        Rules.text("name", name, Rules.MAX_NAME_LENGTH);
        if (quantity < 1) {
            throw new InvalidOrderException("quantity", "is less than 1");
        }
        price = Rules.money("price", price);
    }
}
