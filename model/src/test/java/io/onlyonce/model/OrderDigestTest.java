package io.onlyonce.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderDigestTest {
    private static final String JSON = """
            {"order_id":"a","customer_id":"c","items":[{"name":"n","quantity":2,"price":49.90},\
            {"name":"m","quantity":1,"price":100.00}],"total_amount":199.80,"created_at":"2026-11-23T10:00:00Z"}""";

    /** A changed value would turn every repetition of a stored order into a conflict. */
    @Test
    void the_digest_of_stored_entries_does_not_change() {
        assertThat(digest(JSON)).isEqualTo(-3132153164993418689L);
    }

    @Test
    void other_json_text_for_the_same_content_has_the_same_digest() {
        assertThat(digest("""
                { "created_at": "2026-11-23T11:00:00+01:00", "total_amount": 199.8,
                  "items": [ {"price": 49.9, "quantity": 2, "name": "\\u006e"}, {"quantity": 1, "name": "m", "price": 1e2} ],
                  "customer_id": "c", "order_id": "a" }""")).isEqualTo(digest(JSON));
    }

    @ParameterizedTest
    @CsvSource({
        "\"order_id\":\"a\", \"order_id\":\"b\"",
        "10:00:00Z, 10:00:01Z",
    })
    void order_id_and_created_at_are_not_content(String text, String replacement) {
        assertThat(digest(JSON.replace(text, replacement))).isEqualTo(digest(JSON));
    }

    @ParameterizedTest
    @CsvSource({
        "\"customer_id\":\"c\", \"customer_id\":\"d\"",
        "\"name\":\"n\", \"name\":\"o\"",
        "\"name\":\"m\", \"name\":\"n\"",
        "\"quantity\":2, \"quantity\":3",
        "49.90, 49.91",
        "199.80, 199.81",
    })
    void every_other_field_is_content(String text, String replacement) {
        assertThat(JSON).contains(text);
        assertThat(digest(JSON.replace(text, replacement))).isNotEqualTo(digest(JSON));
    }

    @Test
    void the_sequence_and_the_number_of_items_are_content() {
        OrderItem n = new OrderItem("n", 1, BigDecimal.ONE);
        OrderItem m = new OrderItem("m", 1, BigDecimal.ONE);
        assertThat(List.of(digest("c", n, m), digest("c", m, n), digest("c", n), digest("c", n, n)))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_text_that_moves_to_the_next_field_changes_the_digest() {
        assertThat(digest("ab", new OrderItem("c", 1, BigDecimal.ONE)))
                .isNotEqualTo(digest("a", new OrderItem("bc", 1, BigDecimal.ONE)));
        assertThat(digest("c", new OrderItem("n", 1, new BigDecimal("11"))))
                .isNotEqualTo(digest("c", new OrderItem("n", 11, BigDecimal.ONE)));
    }

    private static long digest(String json) {
        return OrderDigest.of(OrderJson.readOrder(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static long digest(String customerId, OrderItem... items) {
        return OrderDigest.of(new Order("a", customerId, List.of(items), BigDecimal.TEN, Instant.EPOCH));
    }
}
