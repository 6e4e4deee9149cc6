package io.onlyonce.sink;

import static io.onlyonce.sink.SinkLab.patiently;
import static io.onlyonce.sink.SinkLab.processed;
import static io.onlyonce.sink.SinkLab.record;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.DuplicateOrder;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What is committed becomes rows as it stands, and nothing else does. */
class CommittedRowsIT {
    private static final String UNCOMMITTED_SINK = "uncommitted-sink";
    private static final int PARTITION = 0;
    private static final int ANOTHER = 1;

    private final SinkLab lab = SinkLab.shared();

    /** No two tests use the same order ids. */
    private final String prefix = UUID.randomUUID().toString();

    @AfterEach
    void topics_and_tables_agree() {
        lab.awaitTablesHoldWhatIsCommitted();
    }

    @Test
    void an_aborted_record_never_becomes_a_row() {
        lab.abort(List.of(record(PARTITION, prefix + "-aborted")));
        lab.commit(record(PARTITION, prefix + "-behind-it"));
        awaitRows(prefix + "-behind-it");
        assertNoRows(prefix + "-aborted");
    }

    /** What the test above is worth: the same connector without its setting, beside the shipped ones. */
    @Test
    void one_setting_keeps_uncommitted_records_out() {
        Map<String, String> config = Connectors.config(Connectors.PROCESSED_MESSAGES, lab.database());
        config.put("name", UNCOMMITTED_SINK);
        config.put("collection.name.format", "uncommitted_messages");
        config.put("consumer.override.isolation.level", "read_uncommitted");
        lab.execute("CREATE TABLE uncommitted_messages (LIKE processed_messages INCLUDING ALL)");
        try (Producer<byte[], byte[]> open = lab.transactionalProducer()) {
            lab.connect(
                    "PUT", "/connectors/" + UNCOMMITTED_SINK + "/config", new JsonMapper().writeValueAsString(config));
            lab.abort(List.of(record(PARTITION, prefix + "-aborted")));
            open.beginTransaction();
            var _ = open.send(record(PARTITION, prefix + "-open"));
            open.flush();
            lab.commit(List.of(record(PARTITION, prefix + "-behind-it"), record(ANOTHER, prefix + "-beside-it")));

            // Without the setting all of it is stored; and with that we know that it was there to be read.
            for (String what : List.of("-aborted", "-open", "-behind-it", "-beside-it")) {
                patiently().until(() -> lab.count("uncommitted_messages", prefix + what) == 1);
            }

            // With it, a partition waits at its first open transaction, and the others go on.
            awaitRows(prefix + "-beside-it");
            assertNoRows(prefix + "-open");
            assertNoRows(prefix + "-behind-it");
            open.commitTransaction();
            awaitRows(prefix + "-behind-it");
            awaitRows(prefix + "-open");
            assertNoRows(prefix + "-aborted");
        } finally {
            lab.awaitConnect("DELETE", "/connectors/" + UNCOMMITTED_SINK);
            lab.execute("DROP TABLE uncommitted_messages");
        }
    }

    @Test
    void money_arrives_to_the_last_digit() {
        List<String> amounts = List.of(
                "0.00",
                "0.01",
                "0.10",
                "0.30",
                "99999999.99",
                "12345678901234.56",
                "90071992547409.93",
                // The limit of NUMERIC(19,2), 100 times what a binary double can count.
                "99999999999999999.99");
        lab.commit(amounts.stream()
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
    void every_field_arrives_as_it_was_sent() {
        String id = prefix + " Bestellung № 7 \"ж\\靴\u2028🧀'; DROP TABLE orders; --";
        ProcessedOrder sent = processed(new Order(
                id,
                "Zoë % _ O'Brien",
                List.of(
                        new OrderItem("Käse \"🧀\" \\ ${env:HOME}", 1, new BigDecimal("0.10")),
                        new OrderItem("靴", Integer.MAX_VALUE, new BigDecimal("99999999999999999.99"))),
                new BigDecimal("12.50"),
                Instant.parse("1970-01-01T00:00:00.000001Z")));
        lab.commit(record(sent));
        awaitRows(id);
        String stored = lab.queryOne("""
                SELECT json_build_object('order_id', order_id, 'customer_id', customer_id, 'items', items,
                       'total_amount', total_amount, 'created_at', created_at AT TIME ZONE 'UTC' || 'Z', 'status', status,
                       'processed_at', processed_at AT TIME ZONE 'UTC' || 'Z', 'consumer_id', consumer_id,
                       'processing_mode', processing_mode, 'partition', source_partition, 'offset', source_offset)
                  FROM orders WHERE order_id = ?""", id);
        // As an order again, by the reader that the contract has for it.
        assertThat(OrderJson.readProcessed(
                        stored.replaceAll("(\\d) (\\d\\d:)", "$1T$2").getBytes(UTF_8)))
                .isEqualTo(sent);
        assertThat(column("jsonb_typeof(items)", id)).isEqualTo("array");
        assertThat(column("items->1->>'name'", id)).isEqualTo("靴");
    }

    @Test
    void what_the_stream_emits_twice_is_two_messages_and_one_order() {
        String id = prefix + "-twice";
        int emittedBefore = duplicatesEmitted();
        List<SinkLab.Place> places = Stream.of("consumer-1", "consumer-2")
                .map(consumer -> new ProcessedOrder(
                        processed(id).order(),
                        Instant.now(),
                        consumer,
                        processed(id).processingMode(),
                        3,
                        4))
                .map(again -> lab.commit(record(PARTITION, again)))
                .toList();
        patiently().until(() -> lab.count("processed_messages", id) == 2);
        patiently().until(() -> column("consumer_id", id).equals("consumer-2"));
        assertThat(lab.count("orders", id)).isOne();
        assertThat(lab.processedMessages()).containsEntry(places.get(0), id).containsEntry(places.get(1), id);
        assertThat(duplicatesEmitted()).isEqualTo(emittedBefore + 1);
    }

    private int duplicatesEmitted() {
        return Integer.parseInt(lab.queryOne("SELECT duplicates_emitted FROM processing_totals"));
    }

    @Test
    void a_rejected_duplicate_is_a_row_of_its_own_with_its_place() {
        String id = prefix + "-duplicate";
        Instant seen = Instant.parse("2026-11-23T10:00:00.999999Z");
        ProducerRecord<byte[], byte[]> duplicate = new ProducerRecord<>(
                Topics.DUPLICATES,
                2,
                id.getBytes(UTF_8),
                OrderJson.write(new DuplicateOrder(id, 4, 77, seen, 76, seen, "consumer-1")));
        List<SinkLab.Place> places = lab.commit(List.of(duplicate, duplicate));
        patiently().until(() -> lab.count("duplicate_messages", id) == 2);
        assertThat(lab.query("""
                SELECT concat_ws(' ', __connect_partition, __connect_offset, source_partition, source_offset,
                                 first_offset, extract(microseconds FROM first_seen_at), consumer_id)
                  FROM duplicate_messages WHERE order_id = ? ORDER BY 1""", id))
                .containsExactlyElementsOf(places.stream()
                        .map(place -> place.partition() + " " + place.offset() + " 4 77 76 999999 consumer-1")
                        .toList());
    }

    @Test
    void what_is_no_processed_order_is_set_aside_with_its_reason_and_stalls_nothing() {
        String good = new String(OrderJson.write(processed(prefix)), UTF_8);
        List<byte[]> poison = Stream.of(
                        "\u0000\u0001 no JSON",
                        "{",
                        "[]",
                        "{}",
                        good.replaceFirst("\"customer_id\":\"[^\"]*\",", ""),
                        good.replaceFirst("\"total_amount\":[0-9.]+", "\"total_amount\":\"a lot\""),
                        good.replaceFirst("\"total_amount\":[0-9.]+", "\"total_amount\":null"),
                        good.replaceFirst("\"processed_at\":\"[^\"]*\"", "\"processed_at\":\"yesterday\""),
                        good.replaceFirst("\"order_id\":\"", "\"order_id\":\"\\\\u0000"),
                        good.replaceFirst("\"order_id\":\"", "\"order_id\":\"" + "x".repeat(513)))
                .map(text -> text.getBytes(UTF_8))
                .toList();
        // In one partition, and each with a good one behind it.
        List<SinkLab.Place> places = IntStream.range(0, poison.size())
                .mapToObj(i -> lab.commit(List.of(
                                new ProducerRecord<>(
                                        Topics.PROCESSED, PARTITION, "poison".getBytes(UTF_8), poison.get(i)),
                                record(PARTITION, prefix + "-behind-" + i)))
                        .getFirst())
                .toList();
        // A record without a value, which elsewhere means "delete".
        SinkLab.Place empty =
                lab.commit(new ProducerRecord<>(Topics.PROCESSED, PARTITION, prefix.getBytes(UTF_8), null));
        lab.commit(record(PARTITION, prefix + "-last"));

        awaitRows(prefix + "-last");
        for (int i = 0; i < poison.size(); i++) {
            awaitRows(prefix + "-behind-" + i);
        }
        for (String connector : List.of(Connectors.ORDERS, Connectors.PROCESSED_MESSAGES)) {
            for (int i = 0; i < poison.size(); i++) {
                ConsumerRecord<byte[], byte[]> letter = deadLetter(connector, places.get(i));
                assertThat(letter.value()).as("the original bytes").isEqualTo(poison.get(i));
                assertThat(new String(letter.key(), UTF_8)).isEqualTo("poison");
                assertThat(SinkLab.header(letter, "__connect.errors.topic")).isEqualTo(Topics.PROCESSED);
                assertThat(SinkLab.header(letter, "__connect.errors.connector.name"))
                        .isEqualTo(connector);
                assertThat(SinkLab.header(letter, "__connect.errors.exception.class.name"))
                        .contains("DataException");
                assertThat(SinkLab.header(letter, "__connect.errors.exception.message"))
                        .isNotBlank();
            }
            assertThat(deadLetter(connector, empty).value()).isNull();
            assertThat(lab.status(connector).isRunning()).isTrue();
        }
    }

    /** There is one, and not more. */
    private ConsumerRecord<byte[], byte[]> deadLetter(String connector, SinkLab.Place place) {
        List<ConsumerRecord<byte[], byte[]>> letters = lab.deadLetters(connector).stream()
                .filter(letter -> SinkLab.header(letter, "__connect.errors.offset")
                                .equals("" + place.offset())
                        && SinkLab.header(letter, "__connect.errors.partition").equals("" + place.partition()))
                .toList();
        assertThat(letters).as(connector + " " + place).hasSize(1);
        return letters.getFirst();
    }

    private String column(String column, String orderId) {
        return lab.queryOne("SELECT " + column + " FROM orders WHERE order_id = ?", orderId);
    }

    private void awaitRows(String orderId) {
        patiently().until(() -> lab.count("orders", orderId) == 1 && lab.count("processed_messages", orderId) == 1);
    }

    private void assertNoRows(String orderId) {
        assertThat(lab.count("orders", orderId)).as("orders: " + orderId).isZero();
        assertThat(lab.count("processed_messages", orderId))
                .as("processed_messages: " + orderId)
                .isZero();
    }
}
