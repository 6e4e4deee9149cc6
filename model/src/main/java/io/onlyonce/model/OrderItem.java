package io.onlyonce.model;

import java.math.BigDecimal;

/**
 * One line of an order.
 *
 * @param name 1 to 256 characters
 * @param quantity at least 1
 * @param price the price of one unit in the currency of the order, not negative, two decimals
 */
public record OrderItem(String name, int quantity, BigDecimal price) {
    /** @throws InvalidOrderException if a field is invalid */
    public OrderItem {
        Rules.printable("name", name, Rules.MAX_NAME_LENGTH);
        if (quantity < 1) {
            throw new InvalidOrderException("quantity", "is less than 1");
        }
        price = Rules.money("price", price);
    }
}
