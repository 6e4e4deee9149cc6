package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TablesIT extends QueryApiIT {
    @Test
    void stats_of_an_empty_system_are_zero_without_times() {
        JsonNode stats = get("/stats").json();
        assertThat(stats.propertyNames())
                .containsExactlyInAnyOrder(
                        "total_processed_messages",
                        "total_unique_orders",
                        "duplicates_emitted",
                        "duplicates_rejected",
                        "conflicts",
                        "orders_in_flight",
                        "messages_by_consumer",
                        "processing_rate_per_minute",
                        "first_processed",
                        "last_processed");
        assertThat(stats.at("/total_processed_messages").asInt(-1)).isZero();
        assertThat(stats.at("/first_processed").isNull()).isTrue();
        assertThat(get("/stats/duplicates").at("/idempotency_working").asBoolean())
                .isTrue();
    }

    @Test
    void duplicates_are_listed_and_conflicts_are_marked() {
        for (int i = 0; i < 3; i++) {
            RecordMetadata record = pipeline.commit(Pipeline.record(Topics.DUPLICATES, "order-" + i, new byte[0]));
            pipeline.insertDuplicate("order-" + i, record, i == 1);
        }
        JsonNode page = get("/duplicates?limit=2").json();
        assertThat(page.at("/duplicates")
                        .valueStream()
                        .map(row -> row.at("/order_id").asString()))
                .containsExactly("order-2", "order-1");
        assertThat(page.at("/next_offset").asInt()).isEqualTo(2);
        JsonNode conflict = page.at("/duplicates/1");
        assertThat(conflict.at("/conflict").asBoolean()).isTrue();
        assertThat(conflict.at("/content/order_id").asString()).isEqualTo("order-1");
        assertThat(conflict.at("/source_offset").asInt()).isEqualTo(2);
        JsonNode last = get("/duplicates?limit=2&offset=2").json();
        assertThat(last.at("/duplicates").size()).isEqualTo(1);
        assertThat(last.at("/next_offset").isNull()).isTrue();
        assertThat(get("/duplicates?conflicts=true").at("/duplicates").size()).isEqualTo(1);
        assertThat(get("/duplicates?limit=0").status()).isEqualTo(400);
    }

    /** A reader that locks the tables in the opposite order. The sampler reads them each second. */
    @Test
    void emptying_the_tables_does_not_end_in_a_deadlock_with_readers() throws Exception {
        var postgres = Servers.platform().postgres();
        AtomicBoolean stopped = new AtomicBoolean();
        CompletableFuture<Integer> reader = async(() -> {
            int reads = 0;
            try (Connection connection =
                            DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                while (!stopped.get()) {
                    statement.execute("SELECT count(*) FROM duplicate_counters");
                    statement.execute("SELECT count(*) FROM orders");
                    connection.commit();
                    reads++;
                }
                return reads;
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            for (int i = 0; i < 100; i++) {
                jdbc.sql("SELECT reset_lab()").query(row -> {});
            }
        } finally {
            stopped.set(true);
        }
        assertThat(reader.get(30, TimeUnit.SECONDS)).isPositive();
    }

    /** An automatic vacuum of a large table takes minutes. It ends only for a session that waits for its lock. */
    @Test
    void emptying_the_tables_cancels_an_automatic_vacuum() {
        try {
            jdbc.sql("ALTER SYSTEM SET autovacuum_naptime = '1s'").update();
            jdbc.sql("SELECT pg_reload_conf()").query(row -> {});
            jdbc.sql("""
                    ALTER TABLE orders SET (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1,
                        autovacuum_vacuum_insert_threshold = 100, autovacuum_vacuum_insert_scale_factor = 0)""").update();
            jdbc.sql("""
                    INSERT INTO orders SELECT 'order-' || n, 'c', '[]', 1, now(), 'processed', now(), 'c', 'exactly-once', 0, n
                    FROM generate_series(1, 50000) n""").update();
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> jdbc.sql("""
                                    SELECT count(*) FROM pg_stat_progress_vacuum WHERE relid = 'orders'::regclass""").query(Integer.class).single() == 1);
            jdbc.sql("SELECT reset_lab()").query(row -> {});
        } finally {
            jdbc.sql("ALTER TABLE orders RESET (autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit,"
                            + " autovacuum_vacuum_insert_threshold, autovacuum_vacuum_insert_scale_factor)")
                    .update();
            jdbc.sql("ALTER SYSTEM RESET autovacuum_naptime").update();
            jdbc.sql("SELECT pg_reload_conf()").query(row -> {});
        }
        assertThat(get("/stats").json().at("/total_processed_messages").asInt(-1))
                .isZero();
    }

    @Test
    void stats_distinguish_emitted_duplicates_from_rejected_duplicates() {
        IntStream.range(0, 10).forEach(i -> pipeline.store(Pipeline.order("order-" + i)));
        Pipeline.Stored first = pipeline.store(Pipeline.order("twice"));
        pipeline.insertProcessed(first.processed(), pipeline.commit(Pipeline.record(first.processed())));
        jdbc.sql("""
                INSERT INTO duplicate_messages VALUES
                ('orders.duplicates', 0, 7, 'order-3', now(), 1, now(), 'consumer-1', 0, 2)""").update();
        JsonNode stats = get("/stats").json();
        assertThat(stats.at("/total_processed_messages").asInt()).isEqualTo(12);
        assertThat(stats.at("/total_unique_orders").asInt()).isEqualTo(11);
        assertThat(stats.at("/duplicates_emitted").asInt()).isEqualTo(1);
        assertThat(stats.at("/duplicates_rejected").asInt()).isEqualTo(1);
        assertThat(stats.at("/messages_by_consumer/consumer-1").asInt()).isEqualTo(12);
        assertThat(stats.at("/processing_rate_per_minute").asInt()).isEqualTo(12);
        assertThat(Instant.parse(stats.at("/first_processed").asString()))
                .isBefore(Instant.parse(stats.at("/last_processed").asString()));
        JsonNode duplicates = get("/stats/duplicates").json();
        assertThat(duplicates.at("/unique_message_count").asInt()).isEqualTo(11);
        assertThat(duplicates.at("/total_database_rows").asInt()).isEqualTo(12);
        assertThat(duplicates.at("/idempotency_working").asBoolean(true)).isFalse();
        assertThat(duplicates.at("/duplicate_entries").size()).isEqualTo(1);
        assertThat(duplicates.at("/duplicate_entries/0/order_id").asString()).isEqualTo("twice");
        assertThat(duplicates.at("/duplicate_entries/0/rows").asInt()).isEqualTo(2);
        assertThat(get("/orders/order-3")
                        .at("/rejected_duplicates/0/source_offset")
                        .asInt())
                .isEqualTo(2);
        await().untilAsserted(() -> assertThat(get("/actuator/prometheus").text())
                .contains("messages_in_database_total{service=\"api\"} 12.0")
                .contains("duplicates_emitted_total{service=\"api\"} 1.0")
                .contains("duplicates_rejected_total{service=\"api\"} 1.0"));
    }

    @Test
    void the_figures_follow_every_kind_of_change_of_the_tables() {
        IntStream.range(0, 5).forEach(i -> pipeline.store(Pipeline.order("order-" + i)));
        Pipeline.Stored first = pipeline.store(Pipeline.order("twice"));
        pipeline.insertProcessed(first.processed(), pipeline.commit(Pipeline.record(first.processed())));
        jdbc.sql("DROP TABLE IF EXISTS kept").update();
        jdbc.sql("CREATE TABLE kept AS SELECT * FROM processed_messages").update();
        assertFigures(7, 6);
        jdbc.sql("DELETE FROM processed_messages WHERE order_id = 'order-1'").update();
        assertFigures(6, 5);
        jdbc.sql("DELETE FROM processed_messages WHERE __connect_offset = ? AND order_id = 'twice'")
                .param(first.output().offset())
                .update();
        assertFigures(5, 5);
        jdbc.sql("INSERT INTO processed_messages SELECT * FROM kept ON CONFLICT DO NOTHING")
                .update();
        assertFigures(7, 6);
        jdbc.sql("UPDATE processed_messages SET consumer_id = 'consumer-2' WHERE order_id = 'order-1'")
                .update();
        assertFigures(7, 6);
        assertThat(get("/stats").at("/messages_by_consumer/consumer-2").asInt()).isEqualTo(1);
        jdbc.sql("UPDATE processed_messages SET order_id = 'twice' WHERE order_id = 'order-2'")
                .update();
        assertFigures(7, 5);
        jdbc.sql("DELETE FROM processed_messages").update();
        assertFigures(0, 0);
        assertThat(get("/stats").at("/messages_by_consumer").isEmpty()).isTrue();
        jdbc.sql("INSERT INTO processed_messages SELECT * FROM kept").update();
        assertFigures(7, 6);
        jdbc.sql("TRUNCATE processed_messages").update();
        assertFigures(0, 0);
        jdbc.sql("INSERT INTO processed_messages SELECT * FROM kept").update();
        assertFigures(7, 6);
        jdbc.sql("DROP TABLE kept").update();
    }

    private void assertFigures(int messages, int orders) {
        JsonNode duplicates = get("/stats/duplicates").json();
        assertThat(duplicates.at("/total_database_rows").asInt(-1)).isEqualTo(messages);
        assertThat(duplicates.at("/unique_message_count").asInt(-1)).isEqualTo(orders);
        assertThat(duplicates.at("/duplicate_entries").size()).isEqualTo(messages > orders ? 1 : 0);
        JsonNode stats = get("/stats").json();
        assertThat(stats.at("/processing_rate_per_minute").asInt(-1)).isEqualTo(messages);
        assertThat(stats.at("/first_processed").isNull()).isEqualTo(messages == 0);
    }

    @Test
    void the_figures_of_duplicates_follow_every_kind_of_change() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("order-1"));
        RecordMetadata duplicate = pipeline.commit(Pipeline.record(Topics.DUPLICATES, "order-1", new byte[1]));
        RecordMetadata conflict = pipeline.commit(Pipeline.record(Topics.DUPLICATES, "order-1", new byte[1]));
        pipeline.insertDuplicate("order-1", duplicate, false);
        pipeline.insertDuplicate("order-1", conflict, true);
        assertDuplicates(2, 1);
        await().untilAsserted(() -> assertThat(get("/actuator/prometheus").text())
                .contains("conflicts_in_database_total{service=\"api\"} 1.0"));
        JsonNode order = get("/orders/" + stored.processed().order().orderId()).json();
        assertThat(order.at("/rejected_duplicates/0/conflict").asBoolean(true)).isFalse();
        assertThat(order.at("/rejected_duplicates/0/content").isNull()).isTrue();
        assertThat(order.at("/rejected_duplicates/1/conflict").asBoolean()).isTrue();
        assertThat(get("/orders/order-1").text()).contains("\"total_amount\": 0.50");
        jdbc.sql("UPDATE duplicate_messages SET conflict = true").update();
        assertDuplicates(2, 2);
        jdbc.sql("DELETE FROM duplicate_messages WHERE __connect_offset = ?")
                .param(conflict.offset())
                .update();
        assertDuplicates(1, 1);
        jdbc.sql("TRUNCATE duplicate_messages").update();
        assertDuplicates(0, 0);
    }

    private void assertDuplicates(int rejected, int conflicts) {
        for (String path : List.of("/stats", "/stats/duplicates")) {
            assertThat(get(path).at("/duplicates_rejected").asInt(-1)).isEqualTo(rejected);
            assertThat(get(path).at("/conflicts").asInt(-1)).isEqualTo(conflicts);
        }
    }

    @Test
    void the_times_to_the_row_are_measured() {
        IntStream.range(0, 10).forEach(i -> pipeline.store(Pipeline.order("order-" + i)));
        jdbc.sql("UPDATE processed_messages SET sunk_at = processed_at + interval '250 ms'")
                .update();
        jdbc.sql("UPDATE processed_messages SET sunk_at = processed_at + interval '1250 ms' WHERE order_id = 'order-3'")
                .update();
        jdbc.sql("UPDATE orders SET created_at = processed_at - interval '500 ms'")
                .update();
        await().untilAsserted(() -> assertThat(get("/actuator/prometheus").text())
                .contains("end_to_end_latency_seconds{service=\"api\",statistic=\"p50\"} 0.75")
                .contains("sink_latency_seconds{service=\"api\",statistic=\"p50\"} 0.25")
                .contains("sink_latency_seconds{service=\"api\",statistic=\"mean\"} 0.35"));
        jdbc.sql("TRUNCATE orders, processed_messages").update();
        await().untilAsserted(
                        () -> assertThat(get("/actuator/prometheus").text()).doesNotContain("sink_latency_seconds{"));
    }

    @Test
    void an_order_is_returned_unchanged_with_its_processing_records() {
        Order order = new Order(
                "käse/🧀?#%2F",
                "客 \"1\"",
                List.of(
                        new OrderItem("Brötchen \\ 包子", 3, new BigDecimal("0.10")),
                        new OrderItem("gratis", 1, new BigDecimal("0.00"))),
                new BigDecimal("99999999.99"),
                Instant.parse("2026-11-23T10:15:30.123456Z"));
        Pipeline.Stored stored = pipeline.store(order);
        Api.Response response = get("/orders/" + URLEncoder.encode(order.orderId(), StandardCharsets.UTF_8));
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        assertThat(response.text())
                .contains("\"order_id\":\"käse/🧀?#%2F\"")
                .contains("{\"name\":\"Brötchen \\\\ 包子\",\"quantity\":3,\"price\":0.10}")
                .contains("\"price\":0.00}")
                .contains("\"total_amount\":99999999.99,")
                .contains("\"created_at\":\"2026-11-23T10:15:30.123456Z\"")
                .contains("\"status\":\"processed\"");
        assertThat(response.at("/partition").asInt()).isEqualTo(stored.source().partition());
        assertThat(response.at("/offset").asLong()).isEqualTo(stored.source().offset());
        assertThat(response.at("/processing_records").size()).isEqualTo(1);
        assertThat(response.at("/processing_records/0/offset").asLong())
                .isEqualTo(stored.output().offset());
        assertThat(get("/orders").text()).contains("\"total_amount\":99999999.99,");
    }

    @Test
    void orders_are_listed_newest_first_in_pages_and_by_customer() {
        for (int i = 0; i < 7; i++) {
            Order order = Pipeline.order("order-" + i);
            ProcessedOrder processed = new ProcessedOrder(
                    new Order(
                            order.orderId(),
                            i % 2 == 0 ? "even" : "odd",
                            order.items(),
                            order.totalAmount(),
                            order.createdAt()),
                    Instant.parse("2026-11-23T10:15:0" + i + "Z"),
                    "consumer-1",
                    ProcessingMode.EXACTLY_ONCE,
                    0,
                    i);
            pipeline.insertOrder(processed);
        }
        assertThat(ids(get("/orders?limit=3"))).containsExactly("order-6", "order-5", "order-4");
        assertThat(ids(get("/orders?limit=3&offset=5"))).containsExactly("order-1", "order-0");
        assertThat(get("/orders?limit=3").at("/total").asInt()).isEqualTo(7);
        assertThat(ids(get("/orders?customer_id=odd"))).containsExactly("order-5", "order-3", "order-1");
        assertThat(get("/orders?customer_id=odd&limit=1").at("/total").asInt()).isEqualTo(3);
        assertThat(ids(get("/orders?status=processed&customer_id=even&limit=1")))
                .containsExactly("order-6");
        assertThat(ids(get("/orders?status=refunded"))).isEmpty();
    }

    @Test
    void a_page_of_large_orders_ends_early_and_names_the_next_page() {
        // 405 KB each: the largest possible names.
        jdbc.sql("""
                INSERT INTO orders
                SELECT 'order-' || n, 'c', (SELECT jsonb_agg(jsonb_build_object(
                       'name', repeat('靴', 256), 'quantity', 1, 'price', 1.00)) FROM generate_series(1, 500)),
                       1, now(), 'processed', now() - n * interval '1 s', 'consumer-1', 'exactly-once', 0, n
                  FROM generate_series(1, 5) n""").update();
        Api.Response first = get("/orders?limit=4");
        assertThat(ids(first)).containsExactly("order-1", "order-2", "order-3");
        assertThat(first.at("/next_offset").asInt()).isEqualTo(3);
        assertThat(first.at("/total").asInt()).isEqualTo(5);
        Api.Response last = get("/orders?limit=4&offset=3");
        assertThat(ids(last)).containsExactly("order-4", "order-5");
        assertThat(last.at("/next_offset").isNull()).isTrue();
        assertThat(get("/orders?limit=1").at("/next_offset").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/orders?limit=0",
                "/orders?limit=1001",
                "/orders?limit=ten",
                "/orders?offset=-1",
                "/orders?offset=99999999999"
            })
    void an_invalid_page_is_a_bad_request(String path) {
        Api.Response response = get(path);
        assertThat(response.status()).isEqualTo(400);
        assertThat(response.type()).isEqualTo("application/problem+json");
        assertThat(response.at("/detail").asString()).containsAnyOf("limit", "offset");
    }

    @Test
    void a_customer_with_a_null_character_is_a_bad_request() {
        Api.Response response = get("/orders?customer_id=%00");
        assertThat(response.status()).as(response.text()).isEqualTo(400);
        assertThat(response.type()).isEqualTo("application/problem+json");
    }

    @ParameterizedTest
    @CsvSource({"/orders/unknown, 404", "/nowhere, 404", "/orders/%00, 400"})
    void an_unknown_path_is_a_problem(String path, int status) {
        Api.Response response = get(path);
        assertThat(response.status()).as(response.text()).isEqualTo(status);
    }

    private static List<String> ids(Api.Response response) {
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        return response.at("/orders")
                .valueStream()
                .map(order -> order.at("/order_id").asString())
                .toList();
    }
}
