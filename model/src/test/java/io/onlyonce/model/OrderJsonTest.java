package io.onlyonce.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrderJsonTest {
    private static final Order ORDER = new Order(
            "o-1",
            "c-1",
            List.of(new OrderItem("Widget", 3, new BigDecimal("0.10"))),
            new BigDecimal("0.30"),
            Instant.parse("2026-11-23T10:15:30.123456Z"));

    private static final String JSON = """
            {"order_id":"o-1","customer_id":"c-1",\
            "items":[{"name":"Widget","quantity":3,"price":0.10}],\
            "total_amount":0.30,"created_at":"2026-11-23T10:15:30.123456Z"}""";

    @Test
    void an_order_survives_writing_and_reading() {
        assertThat(new String(OrderJson.write(ORDER), UTF_8)).isEqualTo(JSON);
        assertThat(OrderJson.readOrder(JSON.getBytes(UTF_8))).isEqualTo(ORDER);
    }

    @Test
    void a_processed_order_survives_writing_and_reading() {
        ProcessedOrder processed = new ProcessedOrder(
                ORDER, Instant.parse("2026-11-23T10:15:31Z"), "consumer-1", ProcessingMode.AT_LEAST_ONCE, 5, 1L << 40);
        assertThat(OrderJson.readProcessed(OrderJson.write(processed))).isEqualTo(processed);
    }

    @Test
    void the_writer_appends_the_fields_of_the_stream_to_the_text_of_the_order() {
        Instant at = Instant.parse("2026-11-23T10:15:31.042Z");
        var writer = new ProcessedOrderWriter("consumer \"1\"", ProcessingMode.EXACTLY_ONCE);
        byte[] written = writer.write(OrderJson.decode(JSON.getBytes(UTF_8)), at.toEpochMilli(), 5, 1L << 40);
        assertThat(written)
                .isEqualTo(OrderJson.write(
                        new ProcessedOrder(ORDER, at, "consumer \"1\"", ProcessingMode.EXACTLY_ONCE, 5, 1L << 40)));
        Instant later = at.plusMillis(1);
        assertThat(OrderJson.readProcessed(writer.write(
                                OrderJson.decode((JSON + "\n ").getBytes(UTF_8)), later.toEpochMilli(), 0, 0))
                        .processedAt())
                .isEqualTo(later);
    }

    @ParameterizedTest
    @CsvSource({"\"price\":0.10, \"price\":1E-1", "\"total_amount\":0.30, \"total_amount\":0.300", ".123456Z, .1234567Z"
    })
    void a_text_with_another_precision_is_rewritten(String part, String replacement) {
        byte[] text = JSON.replace(part, replacement).getBytes(UTF_8);
        assertThat(new String(OrderJson.decode(text).json(), UTF_8)).isEqualTo(JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void a_text_that_is_not_plain_utf_8_is_rewritten(String encoding) {
        assertThat(new String(
                        OrderJson.decode(JSON.getBytes(Charset.forName(encoding)))
                                .json(),
                        UTF_8))
                .isEqualTo(JSON);
        byte[] marked = ("\uFEFF" + JSON).getBytes(UTF_8);
        assertThat(new String(OrderJson.decode(marked).json(), UTF_8)).isEqualTo(JSON);
    }

    @Test
    void a_text_that_is_mostly_white_space_is_rewritten() {
        byte[] padded = (JSON + " ".repeat(1 << 20)).getBytes(UTF_8);
        assertThat(new String(OrderJson.decode(padded).json(), UTF_8)).isEqualTo(JSON);
    }

    @Test
    void the_error_message_is_one_short_line() {
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> readWith("\"order_id\"", "\"a\\nb" + "x".repeat(10_000) + "\""))
                .satisfies(e -> assertThat(e.getMessage())
                        .startsWith("a?bxxx")
                        .endsWith("… is not a field of an order")
                        .hasSizeLessThan(400));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"status\":\"processed\"', '\"status\":\"new\"', status",
        "',\"partition\":5', '', partition",
        "',\"offset\":7', ',\"offset\":7,\"offset\":8', offset",
        "at-least-once, at-best, processing_mode"
    })
    void an_invalid_processed_order_is_rejected_with_the_field(String part, String replacement, String field) {
        ProcessedOrder processed = new ProcessedOrder(
                ORDER, Instant.parse("2026-11-23T10:15:31Z"), "consumer-1", ProcessingMode.AT_LEAST_ONCE, 5, 7);
        String json = new String(OrderJson.write(processed), UTF_8).replace(part, replacement);
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readProcessed(json.getBytes(UTF_8)))
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.10",
        "0.30, 0.30",
        "10, 10.00",
        "1e2, 100.00",
        "1.5E1, 15.00",
        "30.0000e-2, 0.30",
        "0e-999999999, 0.00",
        "0e999999999, 0.00",
        "99999999.99, 99999999.99",
        "99999999999999999.99, 99999999999999999.99"
    })
    void money_is_exact_to_the_last_digit(String sent, String kept) {
        Order order = readWith("\"total_amount\":0.30", "\"total_amount\":" + sent);
        assertThat(order.totalAmount()).isEqualTo(new BigDecimal(kept));
        assertThat(new String(OrderJson.write(order), UTF_8)).contains("\"total_amount\":" + kept + ",");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Käse 🧀", "注文", "\u202Eright to left", "a\\\"b\\\\c"})
    void names_keep_every_character(String name) {
        Order order = readWith("\"Widget\"", "\"" + name + "\"");
        assertThat(OrderJson.readOrder(OrderJson.write(order))).isEqualTo(order);
    }

    @Test
    void a_time_with_an_offset_is_the_same_instant() {
        assertThat(readWith("2026-11-23T10:15:30.123456Z", "2026-11-23T11:15:30.123456789+01:00"))
                .isEqualTo(ORDER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"order_id\":\"o-1\",      | ``                              | order_id is missing",
                "\"o-1\"                    | 17                              | order_id is not a string",
                "\"o-1\"                    | \" \"                           | order_id is blank",
                "\"o-1\"                    | \"a\\u0000b\"                   | order_id contains the control character U+0000",
                "\"o-1\"                    | \"a\\ud800b\"                   | order_id contains an unpaired surrogate",
                "\"c-1\"                    | null                            | customer_id is not a string",
                "0.30                       | \"0.30\"                        | total_amount is not a number",
                "0.30                       | 0.301                           | total_amount has more than 2 decimals",
                "0.30                       | 1e-300000000                    | total_amount has more than 2 decimals",
                "0.30                       | 30.000e-4                       | total_amount has more than 2 decimals",
                "0.30                       | -0.30                           | total_amount is negative",
                "0.30                       | 1e999999                        | total_amount has more than 17 digits before the decimal point",
                "0.30                       | 100000000000000000              | total_amount has more than 17 digits before the decimal point",
                "\"quantity\":3             | \"quantity\":0                  | items[0].quantity is less than 1",
                "\"quantity\":3             | \"quantity\":1.5                | items[0].quantity is not a whole number",
                "\"quantity\":3             | \"quantity\":99999999999        | items[0].quantity is too large",
                "\"quantity\":3             | \"quantity\":99999999999999999999 | items[0].quantity is too large",
                "\"quantity\":3,            | ``                              | items[0].quantity is missing",
                ",\"price\":0.10            | ``                              | items[0].price is missing",
                "\"price\"                  | \"cost\"                        | items[0].cost is not a field of an item",
                "\"created_at\"             | \"status\":1,\"created_at\"     | status is not a field of an order",
                "2026-11-23T10:15:30.123456Z | yesterday                      | created_at is not a time in ISO 8601 with an offset",
                "2026-11-23                 | +12345-11-23                    | created_at is not between the years 1970 and 9999",
                "[{\"name\":\"Widget\",\"quantity\":3,\"price\":0.10}] | []   | items is empty",
                "[{\"name\":\"Widget\",\"quantity\":3,\"price\":0.10}] | [7]  | items[0] is not an object",
            })
    void an_invalid_field_is_rejected_with_its_path(String part, String replacement, String message) {
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> readWith(part, replacement))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "7", "{", "{\"order_id\":\"a\",\"order_id\":\"a\"}", "not json", "{} {}"})
    void a_value_that_is_not_an_order_is_rejected(String json) {
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readOrder(json.getBytes(UTF_8)));
    }

    @Test
    void bytes_that_are_not_text_are_rejected() {
        assertThatExceptionOfType(InvalidOrderException.class).isThrownBy(() -> OrderJson.readOrder(null));
        byte[] json = JSON.getBytes(UTF_8);
        json[JSON.indexOf("Widget")] = (byte) 0xC3;
        assertThatExceptionOfType(InvalidOrderException.class).isThrownBy(() -> OrderJson.readOrder(json));
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readOrder(Arrays.copyOf(JSON.getBytes(UTF_8), 40)));
    }

    @Test
    void more_items_than_the_limit_are_rejected() {
        String item = "{\"name\":\"Widget\",\"quantity\":3,\"price\":0.10}";
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> readWith(item, String.join(",", Collections.nCopies(501, item))))
                .withMessage("items has more than 500 entries");
    }

    @Test
    void a_processed_order_has_the_fields_of_the_order_and_of_the_stream() {
        byte[] json = OrderJson.write(new ProcessedOrder(
                ORDER, Instant.parse("2026-11-23T10:15:31.5Z"), "consumer-1", ProcessingMode.EXACTLY_ONCE, 4, 42));
        assertThat(new String(json, UTF_8))
                .isEqualTo(JSON.substring(0, JSON.length() - 1)
                        + ",\"status\":\"processed\",\"processed_at\":\"2026-11-23T10:15:31.500Z\","
                        + "\"consumer_id\":\"consumer-1\",\"processing_mode\":\"exactly-once\","
                        + "\"partition\":4,\"offset\":42}");
    }

    @Test
    void a_duplicate_has_its_coordinates_and_the_time_of_the_first_record() {
        byte[] json = OrderJson.write(new DuplicateOrder(
                "o-1",
                4,
                43,
                Instant.parse("2026-11-23T10:15:30Z"),
                42,
                Instant.parse("2026-11-23T10:15:31Z"),
                "consumer-1",
                null));
        assertThat(new String(json, UTF_8))
                .isEqualTo(
                        "{\"order_id\":\"o-1\",\"partition\":4,\"offset\":43,"
                                + "\"first_seen_at\":\"2026-11-23T10:15:30Z\",\"first_offset\":42,"
                                + "\"detected_at\":\"2026-11-23T10:15:31Z\",\"consumer_id\":\"consumer-1\",\"conflict\":false}");
    }

    @Test
    void a_conflict_contains_the_complete_order() {
        Instant time = Instant.parse("2026-11-23T10:15:30Z");
        byte[] json = OrderJson.write(new DuplicateOrder("o-1", 4, 43, time, 42, time, "consumer-1", ORDER));
        assertThat(new String(json, UTF_8)).endsWith(",\"conflict\":true,\"order\":" + JSON + "}");
    }

    /** Reads JSON after one replacement. */
    private static Order readWith(String part, String replacement) {
        assertThat(JSON).contains(part);
        return OrderJson.readOrder(JSON.replace(part, replacement).getBytes(UTF_8));
    }

    @Test
    void a_draft_without_id_and_time_takes_the_defaults() {
        Instant now = Instant.parse("2026-11-24T00:00:00Z");
        String bare = JSON.replace("\"order_id\":\"o-1\",", "")
                .replace(",\"created_at\":\"2026-11-23T10:15:30.123456Z\"", "");
        Order completed = OrderJson.readDraft(bare.getBytes(UTF_8)).toOrder("made", now);
        assertThat(completed.orderId()).isEqualTo("made");
        assertThat(completed.createdAt()).isEqualTo(now);
        assertThat(OrderJson.readDraft(JSON.getBytes(UTF_8)).toOrder("made", now))
                .isEqualTo(ORDER);
    }

    @Test
    void a_batch_keeps_the_order_of_its_elements() {
        String batch = "{\"orders\":[%s,%s]}".formatted(JSON, JSON.replace("o-1", "o-2"));
        assertThat(OrderJson.readDrafts(batch.getBytes(UTF_8), 2))
                .extracting(OrderDraft::orderId)
                .containsExactly("o-1", "o-2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | orders is missing",
                "{\"orders\":[]} | orders is empty",
                "{\"orders\":{}} | orders is not an array",
                "{\"orders\":[],\"orders\":[]} | orders appears twice",
                "{\"orders\":[{},{},{}]} | orders has more than 2 entries",
                "{\"orders\":[{},7]} | orders[1] is not an object",
                "{\"orders\":[],\"mode\":1} | mode is not a field of a batch",
                "{\"orders\":[{},{\"x\":1}]} | orders[1].x is not a field of an order",
                "{\"orders\":[{\"items\":[{\"price\":\"1\"}]}]} | orders[0].items[0].price is not a number",
            })
    void an_invalid_batch_is_rejected_with_the_path_of_the_field(String json, String message) {
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readDrafts(json.getBytes(UTF_8), 2))
                .withMessage(message);
    }

    @Test
    void all_invalid_fields_of_an_order_are_reported_together() {
        String json = """
                {"order_id":"a","order_id":"b","extra":[{"a":[1]}],
                "items":[{"name":" ","quantity":0,"price":-1},{"name":"ok","quantity":1,"price":1},
                         7,{"name":{"a":1},"quantity":1.5}],
                "total_amount":"1"}""";
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readDraft(json.getBytes(UTF_8)))
                .satisfies(e -> assertThat(e.errors())
                        .extracting(error -> error.field() + " " + error.detail())
                        .containsExactly(
                                "order_id appears twice",
                                "extra is not a field of an order",
                                "items[0].name is blank",
                                "items[0].quantity is less than 1",
                                "items[0].price is negative",
                                "items[2] is not an object",
                                "items[3].name is not a string",
                                "items[3].quantity is not a whole number",
                                "items[3].price is missing",
                                "total_amount is not a number",
                                "customer_id is missing"))
                .withMessage("order_id appears twice");
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readDraft("{}".getBytes(UTF_8)).toOrder("id", Instant.EPOCH))
                .satisfies(e -> assertThat(e.errors())
                        .extracting(InvalidOrderException.FieldError::field)
                        .containsExactly("customer_id", "items", "total_amount"));
    }

    @Test
    void the_errors_of_several_orders_of_a_batch_are_reported_together() {
        String json = "{\"orders\":[{\"order_id\":1},{\"items\":[]},{\"x\":[{}]},[[]]]}";
        assertThatExceptionOfType(InvalidOrderException.class)
                .isThrownBy(() -> OrderJson.readDrafts(json.getBytes(UTF_8), 10))
                .satisfies(e -> assertThat(e.errors())
                        .extracting(InvalidOrderException.FieldError::field)
                        .contains("orders[0].order_id", "orders[0].customer_id", "orders[2].x", "orders[3]"));
    }
}
