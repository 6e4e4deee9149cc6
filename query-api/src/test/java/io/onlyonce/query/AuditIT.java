package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The audit finds each fault that is planted, and nothing where there is none. */
class AuditIT extends QueryApiIT {
    @Test
    void a_system_that_did_its_work_is_clean() {
        IntStream.range(0, 12).forEach(i -> flow.store(Flow.order("order-" + i)));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/orders").asInt()).isEqualTo(12);
        assertThat(audit.at("/processed_records").asInt()).isEqualTo(12);
        assertThat(audit.at("/order_rows").asInt()).isEqualTo(12);
        assertThat(audit.at("/processed_rows").asInt()).isEqualTo(12);
        assertThat(audit.at("/passes").asInt()).as("ten records a pass").isGreaterThan(1);
    }

    @Test
    void an_order_with_every_kind_of_character_and_amount_is_not_altered_by_the_way() {
        flow.store(new Order(
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
    void an_order_that_the_stream_has_lost_is_missing() {
        RecordMetadata lost = flow.ingest(Flow.order("lost"));
        assertThat(audit().at("/missing").asInt())
                .as("before the stream has passed it")
                .isZero();
        flow.passed(Flow.STREAM, lost);
        JsonNode audit = violations();
        assertThat(audit.at("/missing").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/missing/0/order_id").asString()).isEqualTo("lost");
        assertThat(audit.at("/examples/missing/0/offset").asLong()).isEqualTo(lost.offset());
    }

    @Test
    void an_order_whose_processing_was_aborted_is_missing_too() {
        Order order = Flow.order("aborted");
        RecordMetadata source = flow.ingest(order);
        flow.abort(Flow.record(Flow.processed(order, source)));
        flow.passed(Flow.STREAM, source);
        assertThat(violations().at("/missing").asInt()).isEqualTo(1);
    }

    @Test
    void what_is_no_order_must_be_a_dead_letter() {
        byte[] garbage = "not json".getBytes(UTF_8);
        RecordMetadata source = flow.commit(Flow.record(Topics.ORDERS, "garbage", garbage));
        flow.passed(Flow.STREAM, source);
        assertThat(violations().at("/missing").asInt()).isEqualTo(1);
        flow.commit(Flow.deadLetter("garbage", garbage, source));
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/dead_letters").asInt()).isEqualTo(1);
    }

    @Test
    void a_duplicate_that_was_rejected_is_no_fault_and_one_that_was_let_through_is() {
        Flow.Stored stored = flow.store(Flow.order("twice"));
        RecordMetadata again = flow.ingest(stored.processed().order());
        flow.passed(Flow.STREAM, again);
        assertClean(audit());
        ProcessedOrder leaked = Flow.processed(stored.processed().order(), again);
        RecordMetadata output = flow.commit(Flow.record(leaked));
        flow.insertProcessed(leaked, output);
        JsonNode audit = violations();
        assertThat(audit.at("/duplicated").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/duplicated/0/order_id").asString()).isEqualTo("twice");
        assertThat(audit.at("/phantom").asInt()).isZero();
    }

    @Test
    void a_processed_record_that_nobody_ordered_is_a_phantom() {
        Order invented = Flow.order("invented");
        ProcessedOrder processed =
                new ProcessedOrder(invented, Instant.now(), "consumer-1", ProcessingMode.EXACTLY_ONCE, 0, 1L << 40);
        flow.storeRows(processed, flow.commit(Flow.record(processed)));
        assertThat(violations().at("/phantom").asInt()).isEqualTo(1);
    }

    @Test
    void a_processed_record_of_an_order_that_was_never_committed_is_a_phantom() {
        Order order = Flow.order("uncommitted");
        RecordMetadata source = flow.abort(Flow.record(Topics.ORDERS, "uncommitted", OrderJson.write(order)));
        ProcessedOrder processed = Flow.processed(order, source);
        flow.storeRows(processed, flow.commit(Flow.record(processed)));
        assertThat(violations().at("/phantom").asInt()).isEqualTo(1);
    }

    @Test
    void rows_from_a_sink_that_read_uncommitted_records_are_phantoms() {
        Order order = Flow.order("dirty-read");
        RecordMetadata source = flow.ingest(order);
        ProcessedOrder processed = Flow.processed(order, source);
        RecordMetadata aborted = flow.abort(Flow.record(processed));
        flow.insertOrder(processed);
        flow.insertProcessed(processed, aborted);
        JsonNode audit = violations();
        assertThat(audit.at("/phantom").asInt()).isEqualTo(1);
        assertThat(audit.at("/examples/phantom/0/order_id").asString()).isEqualTo("dirty-read");
    }

    @Test
    void content_that_changed_on_the_way_is_altered() {
        Flow.Stored stored = flow.store(Flow.order("row"));
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
        RecordMetadata source = flow.ingest(Flow.order("record"));
        Order other = new Order(
                "record",
                "somebody-else",
                List.of(new OrderItem("Widget", 3, new BigDecimal("0.10"))),
                new BigDecimal("0.30"),
                Instant.now());
        ProcessedOrder processed = Flow.processed(other, source);
        RecordMetadata output = flow.commit(Flow.record(processed));
        flow.passed(Flow.STREAM, source);
        flow.storeRows(processed, output);
        JsonNode audit = violations();
        assertThat(audit.at("/altered").asInt()).isEqualTo(1);
        assertThat(audit.at("/phantom").asInt()).isZero();
    }

    @Test
    void a_row_that_the_connector_has_passed_over_is_missing() {
        flow.store(Flow.order("stored"));
        jdbc.sql("DELETE FROM processed_messages").update();
        assertThat(violations().at("/rows_missing").asInt()).isEqualTo(1);
        jdbc.sql("DELETE FROM orders").update();
        assertThat(violations().at("/rows_missing").asInt())
                .as("one order, however many rows")
                .isEqualTo(1);
    }

    @Test
    void an_order_whose_source_was_deleted_by_retention_is_said_to_be_and_is_no_fault() {
        Flow.Stored stored = flow.store(Flow.order("old"));
        TopicPartition partition =
                new TopicPartition(Topics.ORDERS, stored.source().partition());
        Flow.await(flow.admin()
                .deleteRecords(Map.of(
                        partition, RecordsToDelete.beforeOffset(stored.source().offset() + 1)))
                .all());
        JsonNode audit = audit();
        assertClean(audit);
        assertThat(audit.at("/source_deleted").asInt()).isEqualTo(1);
    }

    /** The output stands in its topic, and nobody knows yet whether it counts. */
    private static void leaveOpen(Producer<byte[], byte[]> stream, ProcessedOrder output) {
        stream.beginTransaction();
        stream.send(Flow.record(output));
        stream.flush();
    }

    @Test
    void an_audit_waits_for_the_transactions_that_are_open_when_it_looks() {
        Order order = Flow.order("open");
        RecordMetadata source = flow.ingest(order);
        try (var stream = flow.transactionalProducer()) {
            leaveOpen(stream, Flow.processed(order, source));
            flow.passed(Flow.STREAM, source);
            var audit = CompletableFuture.supplyAsync(this::audit);
            await().during(Duration.ofMillis(500)).atMost(Duration.ofSeconds(5)).until(() -> !audit.isDone());
            stream.commitTransaction();
            assertClean(audit.join());
        }
    }

    @Test
    void a_reset_ends_the_audit_that_runs_and_the_one_that_waits_for_it() {
        Order order = Flow.order("open");
        RecordMetadata source = flow.ingest(order);
        try (var stream = flow.transactionalProducer()) {
            leaveOpen(stream, Flow.processed(order, source));
            var audits = Stream.generate(() -> CompletableFuture.supplyAsync(() -> get("/audit")))
                    .limit(2)
                    .toList();
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> audits.stream().noneMatch(CompletableFuture::isDone));
            assertThat(post("/reset").status()).isEqualTo(200);
            assertThat(audits.stream().map(CompletableFuture::join)).allSatisfy(audit -> {
                assertThat(audit.status()).isEqualTo(503);
                assertThat(audit.at("/detail").asString()).contains("ended by a reset");
            });
        }
    }

    @Test
    void an_audit_of_a_system_at_work_finds_nothing_and_says_how_far_it_looked() {
        AtomicInteger number = new AtomicInteger();
        try (var system = Executors.newSingleThreadScheduledExecutor()) {
            var work = system.scheduleAtFixedRate(
                    () -> flow.store(Flow.order("order-" + number.incrementAndGet())), 0, 50, TimeUnit.MILLISECONDS);
            await().until(() -> get("/stats").at("/total_processed_messages").asInt() > 10);
            for (int i = 0; i < 3; i++) {
                JsonNode audit = audit();
                assertClean(audit);
                assertThat(audit.at("/orders").asInt()).isPositive();
                assertThat(audit.at("/looked_at").size()).isEqualTo(2 * Topics.DEFAULT_PARTITIONS);
            }
            assertThat(work.isDone()).as("a failure would end the work").isFalse();
            work.cancel(false);
        }
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
        for (String fault : List.of("missing", "duplicated", "phantom", "altered", "rows_missing")) {
            assertThat(audit.at("/" + fault).asInt()).as(fault).isZero();
            assertThat(audit.at("/examples/" + fault)).as(fault).isEmpty();
        }
    }
}
