package io.onlyonce.stream;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Orders for tests. */
public final class Orders {
    private Orders() {}

    private static Order order(String orderId) {
        return new Order(
                orderId,
                "customer-1",
                List.of(new OrderItem("Größe 42, 靴", 2, new BigDecimal("49.99"))),
                new BigDecimal("99.98"),
                Instant.parse("2026-11-23T10:00:00Z"));
    }

    public static byte[] json(String orderId) {
        return OrderJson.write(order(orderId));
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
