package io.onlyonce.sink.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.sink.Connectors;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Converts values with the schema of the product. */
class PostgresRowTest {
    private final JsonConverter converter = new JsonConverter();
    private final PostgresRow<SinkRecord> rows = new PostgresRow<>();

    PostgresRowTest() {
        Map<String, String> config = Connectors.config(Sink.DEBEZIUM.ordersConnector());
        converter.configure(
                Map.of("schemas.enable", "true", "schema.content", config.get("value.converter.schema.content")),
                false);
        rows.configure(Map.of());
    }

    @Test
    void a_processed_order_becomes_a_row_unchanged() {
        ProcessedOrder processed = new ProcessedOrder(
                new Order(
                        "id 靴",
                        "customer",
                        List.of(new OrderItem("\"Käse\"", 2, new BigDecimal("99999999999999999.99"))),
                        new BigDecimal("0.10"),
                        Instant.parse("2026-11-23T10:00:00.123456Z")),
                Instant.parse("9999-12-31T23:59:59Z"),
                "consumer-1",
                ProcessingMode.AT_LEAST_ONCE,
                5,
                Long.MAX_VALUE);
        Struct row = row(new String(OrderJson.write(processed), UTF_8));
        assertThat(row.get("order_id")).isEqualTo("id 靴");
        assertThat(row.get("total_amount")).isEqualTo(new BigDecimal("0.10"));
        assertThat(row.get("items"))
                .isEqualTo("[{\"name\":\"\\\"Käse\\\"\",\"quantity\":2,\"price\":99999999999999999.99}]");
        assertThat(row.schema().field("items").schema().name()).isEqualTo("io.debezium.data.Json");
        assertThat(row.get("created_at")).isEqualTo("2026-11-23T10:00:00.123456Z");
        assertThat(row.get("offset")).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"1, 1.00", "1.5, 1.50", "1e2, 100.00", "1.500, 1.50", "0, 0.00", "0e-300000000, 0.00", "-0.01, -0.01"})
    void an_amount_takes_the_scale_of_its_column(String sent, BigDecimal stored) {
        assertThat(row(json(sent, "2026-11-23T10:00:00Z", "id")).get("total_amount"))
                .isEqualTo(stored);
    }

    @ParameterizedTest
    @CsvSource({
        "0.001, more than 2 decimals",
        "1e-999999999, more than 2 decimals",
        "1e-300000000, more than 2 decimals",
        "100000000000000000.00, more than 17 digits",
        "1e17, more than 17 digits",
        "1e999999999, more than 17 digits"
    })
    void an_amount_that_the_column_cannot_store_is_rejected_and_not_rounded(String sent, String reason) {
        assertRejected(json(sent, "2026-11-23T10:00:00Z", "id"), "total_amount", reason);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T10:00:00+02:00, 2026-11-23T08:00:00Z",
        "2026-11-23T10:00:00.5-10:30, 2026-11-23T20:30:00.500Z",
        "2024-02-29T23:59:59.000001Z, 2024-02-29T23:59:59.000001Z"
    })
    void a_time_with_an_offset_becomes_the_same_instant_in_utc(String sent, String stored) {
        assertThat(row(json("1", sent, "id")).get("created_at")).isEqualTo(stored);
    }

    @ParameterizedTest
    @CsvSource({
        "yesterday, ISO 8601",
        "2026-11-23T10:00:00, ISO 8601",
        "2023-02-29T10:00:00Z, ISO 8601",
        "2026-11-23T10:00:00.0000001Z, more than 6 decimals",
        "0000-12-31T23:59:59Z, between the years",
        "+10000-01-01T00:00:00Z, between the years"
    })
    void an_invalid_time_is_rejected(String sent, String reason) {
        assertRejected(json("1", sent, "id"), "created_at", reason);
    }

    @ParameterizedTest
    @CsvSource({"a\\u0000b, U+0000", "a\\ud83e, unpaired surrogate", "\\udd00a, unpaired surrogate"})
    void text_that_postgresql_cannot_store_is_rejected_in_a_column_and_in_json(String text, String reason) {
        assertRejected(json("1", "2026-11-23T10:00:00Z", text), "order_id", reason);
        assertRejected(json("1", "2026-11-23T10:00:00Z", "id").replace("thing", text), "items.name", reason);
    }

    @Test
    void text_is_limited_to_the_size_of_an_index_entry() {
        String longest = "靴".repeat(512);
        assertThat(row(json("1", "2026-11-23T10:00:00Z", longest)).get("order_id"))
                .isEqualTo(longest);
        assertRejected(json("1", "2026-11-23T10:00:00Z", longest + "x"), "order_id", "longer than 512");
    }

    @Test
    void the_order_of_a_conflict_becomes_json_and_other_duplicates_have_none() {
        JsonConverter duplicates = new JsonConverter();
        Map<String, String> config = Connectors.config(Sink.DEBEZIUM.duplicateMessagesConnector());
        duplicates.configure(
                Map.of("schemas.enable", "true", "schema.content", config.get("value.converter.schema.content")),
                false);
        String duplicate = """
                {"order_id":"id","partition":0,"offset":1,"first_seen_at":"2026-11-23T10:00:00Z","first_offset":0,
                 "detected_at":"2026-11-23T10:00:01Z","consumer_id":"consumer-1"%s}""";
        String order = """
                {"order_id":"id","customer_id":"c","items":[{"name":"thing","quantity":1,"price":1.00}],\
                "total_amount":1.00,"created_at":"2026-11-23T10:00:00Z"}""";
        Struct conflict = row(duplicates, duplicate.formatted(",\"conflict\":true,\"order\":" + order));
        assertThat(conflict.get("conflict")).isEqualTo(true);
        assertThat(conflict.get("order")).isEqualTo(order);
        for (String value : List.of(",\"conflict\":false", "")) {
            Struct other = row(duplicates, duplicate.formatted(value));
            assertThat(other.get("conflict")).isEqualTo(false);
            assertThat(other.get("order")).isNull();
        }
    }

    private Struct row(JsonConverter source, String json) {
        SchemaAndValue value = source.toConnectData("orders.duplicates", json.getBytes(UTF_8));
        return (Struct)
                rows.apply(new SinkRecord("orders.duplicates", 0, null, "key", value.schema(), value.value(), 0))
                        .value();
    }

    @Test
    void a_record_without_a_value_is_rejected() {
        SinkRecord empty = new SinkRecord("orders.processed", 0, null, "key", null, null, 0);
        assertThatThrownBy(() -> rows.apply(empty))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("not an object");
    }

    @Test
    void headers_are_removed_and_the_coordinates_are_kept() {
        SinkRecord record = record(json("1", "2026-11-23T10:00:00Z", "id"));
        record.headers().addString("traceparent", "00").addString("traceparent", "01");
        SinkRecord row = rows.apply(record);
        assertThat(row.headers()).isEmpty();
        assertThat(row.kafkaPartition()).isEqualTo(3);
        assertThat(row.kafkaOffset()).isEqualTo(4);
        assertThat(row.key()).isEqualTo("key");
    }

    private void assertRejected(String json, String field, String reason) {
        assertThatThrownBy(() -> row(json))
                .isInstanceOf(DataException.class)
                .hasMessageContaining(field)
                .hasMessageContaining(reason);
    }

    private Struct row(String json) {
        return (Struct) rows.apply(record(json)).value();
    }

    private SinkRecord record(String json) {
        SchemaAndValue value = converter.toConnectData("orders.processed", json.getBytes(UTF_8));
        return new SinkRecord(
                "orders.processed",
                3,
                Schema.OPTIONAL_STRING_SCHEMA,
                "key",
                value.schema(),
                value.value(),
                4,
                0L,
                TimestampType.CREATE_TIME);
    }

    private static String json(String total, String createdAt, String orderId) {
        return """
                {"order_id":"%s","customer_id":"c","items":[{"name":"thing","quantity":1,"price":1.00}],
                 "total_amount":%s,"created_at":"%s","status":"processed","processed_at":"2026-11-23T10:00:00Z",
                 "consumer_id":"consumer-1","processing_mode":"exactly-once","partition":1,"offset":2}
                """.formatted(orderId, total, createdAt);
    }
}
