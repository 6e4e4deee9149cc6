package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The audit finds every injected anomaly and reports no others. */
class AuditIT extends QueryApiIT {
    private static final int MAX_ORDERS = 300;

    @Autowired
    private MeterRegistry metrics;

    @Test
    void a_system_that_processed_all_orders_is_clean() {
        IntStream.range(0, 12).forEach(i -> pipeline.store(Pipeline.order("order-" + i)));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/orders").asInt()).isEqualTo(12);
        assertThat(audit.at("/processed_records").asInt()).isEqualTo(12);
        assertThat(audit.at("/order_rows").asInt()).isEqualTo(12);
        assertThat(audit.at("/processed_rows").asInt()).isEqualTo(12);
        assertThat(audit.at("/passes").asInt()).as("passes").isGreaterThan(1);
    }

    @Test
    void an_order_with_unusual_characters_and_amounts_is_not_reported_as_altered() {
        pipeline.store(new Order(
                "käse/🧀 \"1\"",
                "客",
                List.of(
                        new OrderItem("\u202Eright to left", 1, new BigDecimal("99999999999999999.99")),
                        new OrderItem("a\\b", 2147483647, new BigDecimal("0.00"))),
                new BigDecimal("99999999.99"),
                Instant.parse("9999-12-31T23:59:59Z")));
        assertClean(audit());
    }

    @Test
    void an_order_that_the_stream_lost_is_missing() {
        RecordMetadata lost = pipeline.ingest(Pipeline.order("lost"));
        assertThat(audit().at("/missing").asInt())
                .as("before the stream committed its offset")
                .isZero();
        pipeline.commitOffset(Pipeline.STREAM, lost);
        JsonNode audit = violations();
        assertThat(audit.at("/missing").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/missing/0/order_id").asString()).isEqualTo("lost");
        assertThat(audit.at("/examples/missing/0/offset").asLong()).isEqualTo(lost.offset());
    }

    @Test
    void an_order_whose_output_was_aborted_is_missing() {
        Order order = Pipeline.order("aborted");
        RecordMetadata source = pipeline.ingest(order);
        pipeline.abort(Pipeline.record(Pipeline.processed(order, source)));
        pipeline.commitOffset(Pipeline.STREAM, source);
        assertThat(violations().at("/missing").asInt()).isEqualTo(1);
    }

    @Test
    void an_invalid_record_without_a_dead_letter_is_missing() {
        byte[] garbage = "not json".getBytes(UTF_8);
        RecordMetadata source = pipeline.commit(Pipeline.record(Topics.ORDERS, "garbage", garbage));
        pipeline.commitOffset(Pipeline.STREAM, source);
        assertThat(violations().at("/missing").asInt()).isEqualTo(1);
        pipeline.commit(Pipeline.deadLetter("garbage", garbage, source));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/dead_letters").asInt()).isEqualTo(1);
    }

    @Test
    void a_rejected_duplicate_is_not_an_anomaly_but_an_emitted_duplicate_is() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("twice"));
        RecordMetadata again = pipeline.ingest(stored.processed().order());
        pipeline.commitOffset(Pipeline.STREAM, again);
        assertClean(audit());
        ProcessedOrder leaked = Pipeline.processed(stored.processed().order(), again);
        RecordMetadata output = pipeline.commit(Pipeline.record(leaked));
        pipeline.insertProcessed(leaked, output);
        JsonNode audit = violations();
        assertThat(audit.at("/duplicated").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/duplicated/0/order_id").asString()).isEqualTo("twice");
        assertThat(audit.at("/phantom").asInt()).isZero();
    }

    @Test
    void a_processed_record_without_a_source_is_a_phantom() {
        Order invented = Pipeline.order("invented");
        ProcessedOrder processed =
                new ProcessedOrder(invented, Instant.now(), "consumer-1", ProcessingMode.EXACTLY_ONCE, 0, 1L << 40);
        pipeline.storeRows(processed, pipeline.commit(Pipeline.record(processed)));
        assertThat(violations().at("/phantom").asInt()).isEqualTo(1);
    }

    @Test
    void a_processed_record_of_an_uncommitted_order_is_a_phantom() {
        Order order = Pipeline.order("uncommitted");
        RecordMetadata source = pipeline.abort(Pipeline.record(Topics.ORDERS, "uncommitted", OrderJson.write(order)));
        ProcessedOrder processed = Pipeline.processed(order, source);
        pipeline.storeRows(processed, pipeline.commit(Pipeline.record(processed)));
        assertThat(violations().at("/phantom").asInt()).isEqualTo(1);
    }

    @Test
    void rows_of_uncommitted_records_are_phantoms() {
        Order order = Pipeline.order("dirty-read");
        RecordMetadata source = pipeline.ingest(order);
        ProcessedOrder processed = Pipeline.processed(order, source);
        RecordMetadata aborted = pipeline.abort(Pipeline.record(processed));
        pipeline.insertOrder(processed);
        pipeline.insertProcessed(processed, aborted);
        JsonNode audit = violations();
        assertThat(audit.at("/phantom").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/phantom/0/order_id").asString()).isEqualTo("dirty-read");
    }

    @Test
    void a_row_that_differs_from_its_record_is_altered() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("row"));
        jdbc.sql("UPDATE orders SET total_amount = total_amount + 0.01 WHERE order_id = 'row'")
                .update();
        assertThat(violations().at("/examples/altered/0/order_id").asString()).isEqualTo("row");
        jdbc.sql("UPDATE orders SET total_amount = total_amount - 0.01 WHERE order_id = 'row'")
                .update();
        assertClean(audit());
        jdbc.sql("UPDATE orders SET items = jsonb_set(items, '{0,price}', '0.11') WHERE order_id = 'row'")
                .update();
        assertThat(violations().at("/altered").asInt()).isEqualTo(1);
        jdbc.sql("UPDATE orders SET items = jsonb_set(items, '{0,price}', '0.10') WHERE order_id = 'row'")
                .update();
        jdbc.sql("UPDATE orders SET created_at = created_at + interval '1 microsecond' WHERE order_id = 'row'")
                .update();
        assertThat(violations().at("/altered").asInt()).isEqualTo(1);
        assertThat(stored.processed().order().totalAmount()).isEqualTo("0.30");
    }

    @Test
    void a_processed_record_that_differs_from_its_source_is_altered() {
        RecordMetadata source = pipeline.ingest(Pipeline.order("record"));
        Order other = new Order(
                "record",
                "another-customer",
                List.of(new OrderItem("Widget", 3, new BigDecimal("0.10"))),
                new BigDecimal("0.30"),
                Instant.now());
        ProcessedOrder processed = Pipeline.processed(other, source);
        RecordMetadata output = pipeline.commit(Pipeline.record(processed));
        pipeline.commitOffset(Pipeline.STREAM, source);
        pipeline.storeRows(processed, output);
        JsonNode audit = violations();
        assertThat(audit.at("/altered").asInt()).isEqualTo(1);
        assertThat(audit.at("/phantom").asInt()).isZero();
    }

    @Test
    void a_row_that_the_connector_skipped_is_missing() {
        pipeline.store(Pipeline.order("stored"));
        jdbc.sql("DELETE FROM processed_messages").update();
        assertThat(violations().at("/rows_missing").asInt()).isEqualTo(1);
        jdbc.sql("DELETE FROM orders").update();
        assertThat(violations().at("/rows_missing").asInt())
                .as("one order with two missing rows")
                .isEqualTo(1);
    }

    @Test
    void a_source_that_retention_deleted_is_counted_but_is_not_an_anomaly() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("old"));
        pipeline.deleteThrough(stored.source());
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/source_deleted").asInt()).isEqualTo(1);
    }

    /** Writes the output in a transaction that stays open. */
    private static void leaveOpen(Producer<byte[], byte[]> stream, ProcessedOrder output) {
        stream.beginTransaction();
        stream.send(Pipeline.record(output));
        stream.flush();
    }

    @Test
    void an_audit_waits_for_the_transactions_that_are_open_when_it_starts() {
        Order order = Pipeline.order("open");
        RecordMetadata source = pipeline.ingest(order);
        try (var stream = pipeline.transactionalProducer()) {
            leaveOpen(stream, Pipeline.processed(order, source));
            pipeline.commitOffset(Pipeline.STREAM, source);
            var audit = async(this::audit);
            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(5)).until(() -> !audit.isDone());
            stream.commitTransaction();
            assertClean(audit.join());
        }
    }

    @Test
    void a_reset_cancels_the_running_audit_and_the_waiting_one_starts_after_it() {
        Order order = Pipeline.order("open");
        RecordMetadata source = pipeline.ingest(order);
        try (var stream = pipeline.transactionalProducer()) {
            leaveOpen(stream, Pipeline.processed(order, source));
            var running = async(() -> get("/audit"));
            await().until(() -> isAuditRunning());
            var waiting = async(() -> get("/audit"));
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> !running.isDone() && !waiting.isDone());
            assertThat(post("/reset").status()).isEqualTo(200);
            assertThat(running.join().status()).isEqualTo(503);
            assertThat(running.join().at("/detail").asString()).contains("ended by a reset");
            assertThat(waiting.join().at("/verdict").asString()).isEqualTo("ok");
            assertThat(waiting.join().at("/order_rows").asInt(-1)).isZero();
        }
    }

    @Test
    void waiting_requests_share_one_audit_and_an_audit_without_clients_is_cancelled() throws IOException {
        Order order = Pipeline.order("open");
        RecordMetadata source = pipeline.ingest(order);
        try (var stream = pipeline.transactionalProducer()) {
            leaveOpen(stream, Pipeline.processed(order, source));
            try (Socket abandoned = new Socket("127.0.0.1", api().address().getPort())) {
                abandoned.getOutputStream().write("GET /audit HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
                await().until(() -> isAuditRunning());
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> !isAuditRunning());
            var running = async(this::audit);
            await().until(() -> isAuditRunning());
            var waiting = Stream.generate(() -> async(() -> get("/audit").text()))
                    .limit(5)
                    .toList();
            await().during(Duration.ofMillis(500)).until(() -> !running.isDone());
            stream.commitTransaction();
            running.join();
            assertThat(waiting.stream()
                            .map(CompletableFuture::join)
                            .map(text -> text.replaceAll(".*\"elapsed_ms\":([0-9]+),.*", "$1"))
                            .distinct())
                    .as("elapsed_ms of the audits; a slow request can be too late for the first one")
                    .hasSizeLessThan(5);
        }
    }

    private boolean isAuditRunning() {
        return metrics.get("audit").longTaskTimer().activeTasks() == 1;
    }

    @Test
    void a_duplicate_with_other_content_must_be_kept_as_a_conflict() {
        Pipeline.Stored stored = pipeline.store(Pipeline.order("conflict"));
        Order other = new Order(
                "conflict",
                "another-customer",
                stored.processed().order().items(),
                new BigDecimal("0.30"),
                Instant.now());
        RecordMetadata source = pipeline.ingest(other);
        pipeline.commitOffset(Pipeline.STREAM, source);
        assertThat(violations().at("/unmarked_conflicts").asInt()).isEqualTo(1);
        pipeline.commit(
                Pipeline.record(Topics.DUPLICATES, "conflict", """
                {"order_id":"conflict","partition":%d,"offset":%d,"conflict":true,"order":{}}""".formatted(source.partition(), source.offset())
                        .getBytes(UTF_8)));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/conflicts").asInt()).isEqualTo(1);
    }

    @Test
    void an_order_that_is_not_stored_yet_is_counted_with_its_time() {
        Instant before = Instant.now().minusSeconds(1);
        pipeline.store(Pipeline.order("stored"));
        pipeline.ingest(Pipeline.order("waiting"));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/not_stored").asInt()).isEqualTo(1);
        assertThat(audit.at("/orders_in_flight").asInt()).isEqualTo(1);
        assertThat(Instant.parse(audit.at("/not_stored_since").asString())).isBetween(before, Instant.now());
    }

    @Test
    void an_audit_of_an_active_system_finds_no_anomalies_and_reports_the_audited_ranges() {
        AtomicInteger number = new AtomicInteger();
        try (var system = Executors.newSingleThreadScheduledExecutor()) {
            var work = system.scheduleAtFixedRate(
                    () -> {
                        // On a busy machine, more orders would make each audit longer than the one before.
                        if (number.get() < MAX_ORDERS) {
                            pipeline.store(Pipeline.order("order-" + number.incrementAndGet()));
                        }
                    },
                    0,
                    50,
                    TimeUnit.MILLISECONDS);
            await().until(() -> get("/stats").at("/total_processed_messages").asInt() > 10);
            for (int i = 0; i < 3; i++) {
                JsonNode audit = audit();
                assertClean(audit);
                assertThat(audit.at("/orders").asInt()).isPositive();
                assertThat(audit.at("/looked_at").size()).isEqualTo(2 * Topics.DEFAULT_PARTITIONS);
            }
            assertThat(work.isDone()).as("whether the simulated load failed").isFalse();
            work.cancel(false);
        }
    }

    @Test
    void a_verdict_is_outdated_as_soon_as_the_data_changes() {
        assertThat(get("/verdicts").at("/verdicts").isArray()).isTrue();
        pipeline.store(Pipeline.order("audited"));
        // The sampler can notice the empty tables of the previous test after the first audit.
        await().untilAsserted(() -> {
            audit();
            JsonNode verdict = get("/verdicts").at("/verdicts/0");
            assertThat(verdict.at("/verdict").asString()).isEqualTo("ok");
            assertThat(verdict.at("/processed_rows").asInt()).isEqualTo(1);
            TimeUnit.MILLISECONDS.sleep(1_500);
            verdict = get("/verdicts").at("/verdicts/0");
            assertThat(verdict.at("/outdated_by").isNull())
                    .as(verdict.toString())
                    .isTrue();
            assertThat(verdict.at("/age_ms").asLong()).isBetween(1_500L, 60_000L);
        });
        pipeline.store(Pipeline.order("new"));
        assertThat(get("/verdicts").at("/verdicts/0/outdated_by").asString())
                .isEqualTo("The number of rows has changed by +1");
    }

    private JsonNode audit() {
        Api.Response response = get("/audit");
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        return response.json();
    }

    private JsonNode violations() {
        JsonNode audit = audit();
        assertThat(audit.at("/verdict").asString()).isEqualTo("violations");
        return audit;
    }

    private static void assertClean(JsonNode audit) {
        assertThat(audit.at("/verdict").asString()).as(audit.toPrettyString()).isEqualTo("ok");
        for (String anomaly :
                List.of("missing", "duplicated", "phantom", "altered", "rows_missing", "unmarked_conflicts")) {
            assertThat(audit.at("/" + anomaly).asInt()).as(anomaly).isZero();
            assertThat(audit.at("/examples/" + anomaly)).as(anomaly).isEmpty();
        }
    }
}
