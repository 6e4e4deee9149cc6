package io.onlyonce.verifier;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an order says, apart from its id and its time. Money is compared as a number: 0.3 and 0.30 are the same amount.
 *
 * @param customer who ordered
 * @param lines what was ordered, in order
 * @param total what it costs
 */
record Content(String customer, List<Line> lines, BigDecimal total) {
    /**
     * @param name of the article
     * @param quantity how many
     * @param price of one
     */
    record Line(String name, long quantity, BigDecimal price) {}

    /** @return what differs, with what was meant and what was found; empty where nothing does */
    Optional<String> differenceTo(Content found) {
        if (!Objects.equals(customer, found.customer)) {
            return differs("customer_id", customer, found.customer);
        }
        if (!sameAmount(total, found.total)) {
            return differs("total_amount", total, found.total);
        }
        if (lines.size() != found.lines.size()) {
            return differs("number of items", lines.size(), found.lines.size());
        }
        for (int i = 0; i < lines.size(); i++) {
            Line meant = lines.get(i);
            Line line = found.lines.get(i);
            if (!meant.name.equals(line.name)) {
                return differs("items[" + i + "].name", meant.name, line.name);
            }
            if (meant.quantity != line.quantity) {
                return differs("items[" + i + "].quantity", meant.quantity, line.quantity);
            }
            if (!sameAmount(meant.price, line.price)) {
                return differs("items[" + i + "].price", meant.price, line.price);
            }
        }
        return Optional.empty();
    }

    private static boolean sameAmount(BigDecimal meant, BigDecimal found) {
        return found != null && meant.compareTo(found) == 0;
    }

    private static Optional<String> differs(String what, Object meant, Object found) {
        return Optional.of("%s is %s, sent was %s".formatted(what, found, meant));
    }
}
