package io.onlyonce.sink;

import static io.onlyonce.sink.SinkStack.awaitSlowly;
import static io.onlyonce.sink.SinkStack.processed;
import static io.onlyonce.sink.SinkStack.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.DuplicateOrder;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.Sink;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Exactly the committed records become rows, unchanged. */
class CommittedRowsIT {
    private static final String UNCOMMITTED_SINK = "uncommitted-sink";
    /** Too long for an index. PostgreSQL compresses regular text, which would then fit. */
    private static final String RANDOM_TEXT = new Random(1)
            .ints(10_000, 0, 26)
            .mapToObj(i -> Character.toString('a' + i))
            .collect(Collectors.joining());

    private static final int PARTITION = 0;
    private static final int ANOTHER = 1;

    private final SinkStack stack = SinkStack.shared();

    /** Each test has its own order ids. */
    private final String prefix = UUID.randomUUID().toString();

    @AfterEach
    void topics_and_tables_agree() {
        stack.awaitTablesMatchTopics();
    }

    @Test
    void an_aborted_record_never_becomes_a_row() {
        stack.abort(List.of(record(PARTITION, prefix + "-aborted")));
        stack.commit(record(PARTITION, prefix + "-after"));
        awaitRows(prefix + "-after");
        assertNoRows(prefix + "-aborted");
    }

    /** Runs a second connector without isolation.level=read_committed, to show that the test above can fail. */
    @Test
    void one_setting_keeps_uncommitted_records_out() {
        Map<String, String> config = Connectors.config(stack.sink().processedMessagesConnector());
        config.put("name", UNCOMMITTED_SINK);
        if (stack.sink() == Sink.DEBEZIUM) {
            config.put("collection.name.format", "uncommitted_messages");
        } else {
            config.put("topics", Topics.PROCESSED);
            config.put("tables", "uncommitted_messages");
            for (String setting : List.of("topics", "mode", "key", "columns")) {
                config.put("table.uncommitted_messages." + setting, config.get("table.processed_messages." + setting));
            }
        }
        config.put("consumer.override.isolation.level", "read_uncommitted");
        stack.execute("CREATE TABLE uncommitted_messages (LIKE processed_messages INCLUDING ALL)");
        try (Producer<byte[], byte[]> open = stack.transactionalProducer()) {
            stack.connect(
                    "PUT", "/connectors/" + UNCOMMITTED_SINK + "/config", new JsonMapper().writeValueAsString(config));
            stack.abort(List.of(record(PARTITION, prefix + "-aborted")));
            open.beginTransaction();
            var _ = open.send(record(PARTITION, prefix + "-open"));
            open.flush();
            stack.commit(List.of(record(PARTITION, prefix + "-after"), record(ANOTHER, prefix + "-other-partition")));

            // Without the setting, all records are stored, which also proves that they are in the topic.
            for (String suffix : List.of("-aborted", "-open", "-after", "-other-partition")) {
                awaitSlowly().until(() -> stack.count("uncommitted_messages", prefix + suffix) == 1);
            }

            // With the setting, a partition waits for its first open transaction. The others continue.
            awaitRows(prefix + "-other-partition");
            assertNoRows(prefix + "-open");
            assertNoRows(prefix + "-after");
            open.commitTransaction();
            awaitRows(prefix + "-after");
            awaitRows(prefix + "-open");
            assertNoRows(prefix + "-aborted");
        } finally {
            stack.awaitConnect("DELETE", "/connectors/" + UNCOMMITTED_SINK);
            stack.execute("DROP TABLE uncommitted_messages");
        }
    }

    @Test
    void money_is_stored_exactly() {
        List<String> amounts = List.of(
                "0.00",
                "0.01",
                "0.10",
                "0.30",
                "99999999.99",
                "12345678901234.56",
                "90071992547409.93",
                // The limit of NUMERIC(19,2), 100 times the largest exact integer of a double.
                "99999999999999999.99");
        stack.commit(amounts.stream()
                .map(amount -> record(processed(prefix + "-" + amount, new BigDecimal(amount))))
                .toList());
        for (String amount : amounts) {
            String id = prefix + "-" + amount;
            awaitRows(id);
            assertThat(column("total_amount", id)).isEqualTo(amount);
            assertThat(column("items->0->'price'", id)).isEqualTo(amount);
        }
    }

    @Test
    void every_field_is_stored_unchanged() {
        String id = prefix + " Bestellung № 7 \"ж\\靴\u2028🧀'; DROP TABLE orders; --";
        ProcessedOrder sent = processed(new Order(
                id,
                "Zoë % _ O'Brien",
                List.of(
                        new OrderItem("Käse \"🧀\" \\ ${env:HOME}", 1, new BigDecimal("0.10")),
                        new OrderItem("靴", Integer.MAX_VALUE, new BigDecimal("99999999999999999.99"))),
                new BigDecimal("12.50"),
                Instant.parse("1970-01-01T00:00:00.000001Z")));
        stack.commit(record(sent));
        awaitRows(id);
        String stored = stack.queryOne("""
                SELECT json_build_object('order_id', order_id, 'customer_id', customer_id, 'items', items,
                       'total_amount', total_amount, 'created_at', created_at AT TIME ZONE 'UTC' || 'Z', 'status', status,
                       'processed_at', processed_at AT TIME ZONE 'UTC' || 'Z', 'consumer_id', consumer_id,
                       'processing_mode', processing_mode, 'partition', source_partition, 'offset', source_offset)
                  FROM orders WHERE order_id = ?""", id);
        // Read as a processed order again.
        assertThat(OrderJson.readProcessed(
                        stored.replaceAll("(\\d) (\\d\\d:)", "$1T$2").getBytes(UTF_8)))
                .isEqualTo(sent);
        assertThat(column("jsonb_typeof(items)", id)).isEqualTo("array");
        assertThat(column("items->1->>'name'", id)).isEqualTo("靴");
    }

    @Test
    void an_order_that_the_stream_emits_twice_is_two_messages_and_one_order() {
        String id = prefix + "-twice";
        int emittedBefore = duplicatesEmitted();
        List<SinkStack.Coordinates> coordinates = Stream.of("consumer-1", "consumer-2")
                .map(consumer -> new ProcessedOrder(
                        processed(id).order(),
                        Instant.now(),
                        consumer,
                        processed(id).processingMode(),
                        3,
                        4))
                .map(again -> stack.commit(record(PARTITION, again)))
                .toList();
        awaitSlowly().until(() -> stack.count("processed_messages", id) == 2);
        awaitSlowly().until(() -> column("consumer_id", id).equals("consumer-2"));
        assertThat(stack.count("orders", id)).isOne();
        assertThat(stack.processedMessages())
                .containsEntry(coordinates.get(0), id)
                .containsEntry(coordinates.get(1), id);
        assertThat(duplicatesEmitted()).isEqualTo(emittedBefore + 1);
    }

    private int duplicatesEmitted() {
        return Integer.parseInt(stack.queryOne("SELECT duplicates_emitted FROM processing_totals"));
    }

    @Test
    void every_rejected_duplicate_is_a_row_with_its_coordinates() {
        String id = prefix + "-duplicate";
        Instant seen = Instant.parse("2026-11-23T10:00:00.999999Z");
        ProducerRecord<byte[], byte[]> duplicate = new ProducerRecord<>(
                Topics.DUPLICATES,
                2,
                id.getBytes(UTF_8),
                OrderJson.write(new DuplicateOrder(id, 4, 77, seen, 76, seen, "consumer-1", null)));
        List<SinkStack.Coordinates> coordinates = stack.commit(List.of(duplicate, duplicate));
        awaitSlowly().until(() -> stack.count("duplicate_messages", id) == 2);
        assertThat(stack.query("""
                SELECT concat_ws(' ', __connect_partition, __connect_offset, source_partition, source_offset,
                                 first_offset, extract(microseconds FROM first_seen_at), consumer_id)
                  FROM duplicate_messages WHERE order_id = ? ORDER BY 1""", id))
                .containsExactlyElementsOf(coordinates.stream()
                        .map(at -> at.partition() + " " + at.offset() + " 4 77 76 999999 consumer-1")
                        .toList());
    }

    @Test
    void a_conflict_is_stored_with_its_complete_content() {
        String id = prefix + "-conflict";
        Order other = processed(id).order();
        String conflict = """
                {"order_id":"%s","partition":4,"offset":78,"first_seen_at":"2026-11-23T10:00:00Z","first_offset":76,
                "detected_at":"2026-11-23T10:00:01Z","consumer_id":"consumer-1","conflict":%s}""";
        stack.commit(Stream.of("false", "true,\"order\":" + new String(OrderJson.write(other), UTF_8))
                .map(value -> new ProducerRecord<>(
                        Topics.DUPLICATES,
                        2,
                        id.getBytes(UTF_8),
                        conflict.formatted(id, value).getBytes(UTF_8)))
                .toList());
        awaitSlowly().until(() -> stack.count("duplicate_messages", id) == 2);
        List<String> contents = stack.query(
                "SELECT content FROM duplicate_messages WHERE order_id = ? AND conflict = (content IS NOT NULL)"
                        + " ORDER BY __connect_offset",
                id);
        assertThat(contents).hasSize(2).startsWith((String) null);
        assertThat(OrderJson.readOrder(contents.get(1).getBytes(UTF_8))).isEqualTo(other);
    }

    @Test
    void an_invalid_record_becomes_a_dead_letter_and_processing_continues() {
        String good = new String(OrderJson.write(processed(prefix)), UTF_8);
        List<byte[]> poison = Stream.of(
                        "\u0000\u0001 not JSON",
                        "{",
                        "[]",
                        "{}",
                        good.replaceFirst("\"customer_id\":\"[^\"]*\",", ""),
                        good.replaceFirst("\"total_amount\":[0-9.]+", "\"total_amount\":\"a lot\""),
                        good.replaceFirst("\"total_amount\":[0-9.]+", "\"total_amount\":null"),
                        good.replaceFirst("\"processed_at\":\"[^\"]*\"", "\"processed_at\":\"yesterday\""),
                        good.replaceFirst("\"order_id\":\"", "\"order_id\":\"\\\\u0000"),
                        good.replaceFirst("\"order_id\":\"", "\"order_id\":\"" + RANDOM_TEXT))
                .map(text -> text.getBytes(UTF_8))
                .toList();
        // A task claims its partitions with its first records and reads these again, so that their dead letters are
        // repeated.
        stack.commit(record(PARTITION, prefix + "-before"));
        awaitRows(prefix + "-before");
        // All in one partition, each followed by a valid record.
        List<SinkStack.Coordinates> coordinates = IntStream.range(0, poison.size())
                .mapToObj(i -> stack.commit(List.of(
                                new ProducerRecord<>(
                                        Topics.PROCESSED, PARTITION, "poison".getBytes(UTF_8), poison.get(i)),
                                record(PARTITION, prefix + "-after-" + i)))
                        .getFirst())
                .toList();
        // A record without a value, which is a delete marker in compacted topics.
        SinkStack.Coordinates empty =
                stack.commit(new ProducerRecord<>(Topics.PROCESSED, PARTITION, prefix.getBytes(UTF_8), null));
        stack.commit(record(PARTITION, prefix + "-last"));

        awaitRows(prefix + "-last");
        for (int i = 0; i < poison.size(); i++) {
            awaitRows(prefix + "-after-" + i);
        }
        for (String connector : new HashSet<>(
                List.of(stack.sink().ordersConnector(), stack.sink().processedMessagesConnector()))) {
            for (int i = 0; i < poison.size(); i++) {
                ConsumerRecord<byte[], byte[]> letter = deadLetter(connector, coordinates.get(i));
                assertThat(letter.value()).as("the original bytes").isEqualTo(poison.get(i));
                assertThat(new String(letter.key(), UTF_8)).isEqualTo("poison");
                assertThat(SinkStack.header(letter, "__connect.errors.topic")).isEqualTo(Topics.PROCESSED);
                assertThat(SinkStack.header(letter, "__connect.errors.connector.name"))
                        .isEqualTo(connector);
                assertThat(SinkStack.header(letter, "__connect.errors.exception.class.name"))
                        .matches(".*(DataException|PSQLException)");
                assertThat(SinkStack.header(letter, "__connect.errors.exception.message"))
                        .isNotBlank();
            }
            assertThat(deadLetter(connector, empty).value()).isNull();
            assertThat(stack.status(connector).isRunning()).isTrue();
        }
    }

    /** Returns the only dead letter of the record. */
    private ConsumerRecord<byte[], byte[]> deadLetter(String connector, SinkStack.Coordinates at) {
        List<ConsumerRecord<byte[], byte[]>> letters = stack.deadLetters(connector).stream()
                .filter(letter ->
                        SinkStack.header(letter, "__connect.errors.offset").equals("" + at.offset())
                                && SinkStack.header(letter, "__connect.errors.partition")
                                        .equals("" + at.partition()))
                .toList();
        assertThat(letters).as(connector + " " + at).hasSize(1);
        return letters.getFirst();
    }

    private String column(String column, String orderId) {
        return stack.queryOne("SELECT " + column + " FROM orders WHERE order_id = ?", orderId);
    }

    private void awaitRows(String orderId) {
        awaitSlowly()
                .until(() -> stack.count("orders", orderId) == 1 && stack.count("processed_messages", orderId) == 1);
    }

    private void assertNoRows(String orderId) {
        assertThat(stack.count("orders", orderId)).as("orders: " + orderId).isZero();
        assertThat(stack.count("processed_messages", orderId))
                .as("processed_messages: " + orderId)
                .isZero();
    }
}
