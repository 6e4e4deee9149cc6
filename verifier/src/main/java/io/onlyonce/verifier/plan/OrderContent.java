package io.onlyonce.verifier.plan;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** The content of an order, without its id and its timestamps. The amounts 0.3 and 0.30 are equal. */
public record OrderContent(String customer, List<Line> lines, BigDecimal total) {
    /** @param price price of one piece */
    public record Line(String name, long quantity, BigDecimal price) {}

    /** Describes the first difference; empty if the contents are equal. */
    public Optional<String> differenceTo(OrderContent found) {
        if (!customer.equals(found.customer)) {
            return difference("customer_id", customer, found.customer);
        }
        if (!isSameAmount(total, found.total)) {
            return difference("total_amount", total, found.total);
        }
        if (lines.size() != found.lines.size()) {
            return difference("number of items", lines.size(), found.lines.size());
        }
        for (int i = 0; i < lines.size(); i++) {
            Line sent = lines.get(i);
            Line line = found.lines.get(i);
            if (!sent.name.equals(line.name)) {
                return difference("items[" + i + "].name", sent.name, line.name);
            }
            if (sent.quantity != line.quantity) {
                return difference("items[" + i + "].quantity", sent.quantity, line.quantity);
            }
            if (!isSameAmount(sent.price, line.price)) {
                return difference("items[" + i + "].price", sent.price, line.price);
            }
        }
        return Optional.empty();
    }

    private static boolean isSameAmount(BigDecimal sent, BigDecimal found) {
        return found != null && sent.compareTo(found) == 0;
    }

    private static Optional<String> difference(String field, Object sent, Object found) {
        return Optional.of("%s is %s, but %s was sent".formatted(field, found, sent));
    }
}
