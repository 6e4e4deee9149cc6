package io.onlyonce.stream.topology;

import static io.onlyonce.stream.Orders.json;
import static io.onlyonce.stream.Orders.text;
import static io.onlyonce.stream.Orders.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.DeadLetter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OrderTopologyTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Duration RETENTION = Duration.ofDays(7);

    @TempDir
    Path directory;

    private final List<String> events = new ArrayList<>();
    private TopologyTestDriver driver;

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
    }

    @Test
    void the_topology_has_the_names_for_which_existing_stores_were_created() throws IOException {
        String golden;
        try (InputStream in = getClass().getResourceAsStream("/topology.txt")) {
            golden = text(in.readAllBytes());
        }
        assertThat(topology(Mode.EXACTLY_ONCE).describe().toString())
                .as(
                        "The topology has changed. Before you update the golden file, consider the effects: A renamed store "
                                + "gets a new, empty changelog, so the stream emits every order again. A renamed processor or "
                                + "sink changes metrics and can change the numbers of the sub-topologies, and with them the "
                                + "state directories. If the change is necessary, reset the application or migrate the "
                                + "changelog first.")
                .isEqualToIgnoringNewLines(golden);
    }

    @Test
    void no_mode_changes_the_topology() {
        String description = topology(Mode.EXACTLY_ONCE).describe().toString();
        for (ProcessingMode processing : ProcessingMode.values()) {
            for (boolean deduplicating : new boolean[] {true, false}) {
                assertThat(topology(new Mode(processing, deduplicating))
                                .describe()
                                .toString())
                        .isEqualTo(description);
            }
        }
    }

    @Nested
    class An_order {
        @Test
        void is_emitted_with_all_its_fields_and_its_source_coordinates() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            TestRecord<byte[], byte[]> processed = only(Topics.PROCESSED);
            assertThat(processed.key()).isEqualTo(utf8("a"));
            assertThat(processed.timestamp()).isEqualTo(NOW.toEpochMilli());
            assertThat(text(processed.value()))
                    .isEqualTo("{\"order_id\":\"a\",\"customer_id\":\"customer-1\","
                            + "\"items\":[{\"name\":\"Größe 42, 靴\",\"quantity\":2,\"price\":49.99}],"
                            + "\"total_amount\":99.98,\"created_at\":\"2026-11-23T10:00:00Z\","
                            + "\"status\":\"processed\",\"processed_at\":\"2026-11-23T12:00:00Z\","
                            + "\"consumer_id\":\"consumer-1\",\"processing_mode\":\"exactly-once\","
                            + "\"partition\":0,\"offset\":0}");
            assertThat(all(Topics.DUPLICATES)).isEmpty();
            assertThat(all(Topics.DEAD_LETTERS)).isEmpty();
        }

        @Test
        void keeps_its_headers() {
            start(Mode.EXACTLY_ONCE);
            RecordHeaders headers = new RecordHeaders();
            headers.add("traceparent", utf8("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            input().pipeInput(new TestRecord<>(utf8("a"), json("a"), headers, NOW));
            input().pipeInput(new TestRecord<>(utf8("a"), json("a"), headers, NOW));
            assertThat(only(Topics.PROCESSED).headers()).isEqualTo(headers);
            assertThat(only(Topics.DUPLICATES).headers()).isEqualTo(headers);
        }

        @Test
        void without_a_timestamp_is_processed() {
            assertThat(OrderTopology.timestamp(record(-1), 77)).isEqualTo(77);
            assertThat(OrderTopology.timestamp(record(-1), -1)).isPositive();
            assertThat(OrderTopology.timestamp(record(5), 77)).isEqualTo(5);
        }
    }

    @Nested
    class A_duplicate {
        @Test
        void is_rejected_with_its_coordinates_and_the_time_of_the_first_order() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("b", NOW.plusSeconds(1));
            send("a", NOW.plusSeconds(2));
            assertThat(all(Topics.PROCESSED)).hasSize(2);
            TestRecord<byte[], byte[]> duplicate = only(Topics.DUPLICATES);
            assertThat(duplicate.key()).isEqualTo(utf8("a"));
            assertThat(text(duplicate.value()))
                    .isEqualTo(
                            "{\"order_id\":\"a\",\"partition\":0,\"offset\":2,"
                                    + "\"first_seen_at\":\"2026-11-23T12:00:00Z\",\"first_offset\":0,"
                                    + "\"detected_at\":\"2026-11-23T12:00:00Z\",\"consumer_id\":\"consumer-1\",\"conflict\":false}");
        }

        @Test
        void with_other_content_is_a_conflict_and_is_kept_completely() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            input().pipeInput(utf8("a"), other("a"), NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(text(only(Topics.DUPLICATES).value()))
                    .isEqualTo("{\"order_id\":\"a\",\"partition\":0,\"offset\":1,"
                            + "\"first_seen_at\":\"2026-11-23T12:00:00Z\",\"first_offset\":0,"
                            + "\"detected_at\":\"2026-11-23T12:00:00Z\",\"consumer_id\":\"consumer-1\","
                            + "\"conflict\":true,\"order\":" + text(other("a")) + "}");
        }

        @Test
        void of_the_first_order_is_no_conflict_after_a_conflict() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            input().pipeInput(utf8("a"), other("a"), NOW);
            send("a", NOW);
            assertThat(values(Topics.DUPLICATES))
                    .extracting(duplicate -> duplicate.get("conflict").booleanValue())
                    .containsExactly(true, false);
        }

        @Test
        void with_other_json_text_or_another_creation_time_is_no_conflict() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            String repeated = text(json("a")).replace("10:00:00Z", "10:00:01Z").replace("99.98", " 99.980 ");
            input().pipeInput(utf8("a"), utf8(repeated), NOW);
            assertThat(values(Topics.DUPLICATES)).singleElement().satisfies(duplicate -> {
                assertThat(duplicate.get("conflict").booleanValue()).isFalse();
                assertThat(duplicate.has("order")).isFalse();
            });
        }

        @Test
        void of_an_order_that_an_older_version_stored_is_no_conflict() {
            start(Mode.EXACTLY_ONCE);
            byte[] withoutDigest = ByteBuffer.allocate(20)
                    .putLong(NOW.toEpochMilli())
                    .putLong(7)
                    .putInt(0)
                    .array();
            store().put(Bytes.wrap(utf8("a")), withoutDigest);
            input().pipeInput(utf8("a"), other("a"), NOW);
            assertThat(values(Topics.DUPLICATES)).singleElement().satisfies(duplicate -> {
                assertThat(duplicate.get("first_offset").intValue()).isEqualTo(7);
                assertThat(duplicate.get("conflict").booleanValue()).isFalse();
            });
        }

        /** If the broker rejected it as too large, the transaction would be aborted and retried forever. */
        @Test
        void with_other_content_fits_into_its_topic_if_it_is_as_large_as_possible() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            byte[] largest = largest("a");
            RecordHeaders headers = new RecordHeaders();
            headers.add("h", new byte[DeadLetter.MAX_ORIGINAL_BYTES - largest.length - 2]);
            input().pipeInput(new TestRecord<>(utf8("a"), largest, headers, NOW));
            TestRecord<byte[], byte[]> conflict = only(Topics.DUPLICATES);
            assertThat(text(conflict.value())).contains("\"conflict\":true");
            assertThat(conflict.value().length + headers.lastHeader("h").value().length)
                    .isLessThan(DeadLetter.MAX_RECORD_BYTES - 1024);
        }

        @Test
        void of_a_duplicate_refers_to_the_first_order() {
            start(Mode.EXACTLY_ONCE);
            for (int i = 0; i < 4; i++) {
                send("a", NOW.plusSeconds(i));
            }
            assertThat(values(Topics.DUPLICATES))
                    .hasSize(3)
                    .allSatisfy(duplicate ->
                            assertThat(duplicate.get("first_offset").intValue()).isZero());
        }

        @Test
        void is_emitted_if_deduplication_is_off() {
            start(Mode.AT_LEAST_ONCE);
            send("a", NOW);
            send("a", NOW);
            assertThat(values(Topics.PROCESSED))
                    .hasSize(2)
                    .allSatisfy(order -> assertThat(order.get("processing_mode").stringValue())
                            .isEqualTo("at-least-once"));
            assertThat(all(Topics.DUPLICATES)).isEmpty();
            assertThat(entries()).as("the dedup store is not written").isZero();
        }

        @Test
        void of_an_order_that_arrived_while_deduplication_was_off_is_not_detected() {
            start(Mode.EXACTLY_ONCE);
            send("before", NOW);
            restart(Mode.AT_LEAST_ONCE);
            send("meanwhile", NOW);
            restart(Mode.EXACTLY_ONCE);
            send("before", NOW);
            send("meanwhile", NOW);
            assertThat(values(Topics.DUPLICATES))
                    .extracting(order -> order.get("order_id").stringValue())
                    .containsExactly("before");
        }
    }

    @Nested
    class The_dedup_store {
        @Test
        void keeps_an_id_until_the_end_of_the_retention() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            driver.advanceWallClockTime(RETENTION.plusDays(1));
            send("a", NOW.plus(RETENTION).minusMillis(1));
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
            send("a", NOW.plus(RETENTION));
            assertThat(all(Topics.PROCESSED)).as("counts as new").hasSize(1);
            send("a", NOW.plus(RETENTION).plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).as("stored again").hasSize(1);
        }

        @Test
        void expires_nothing_if_the_clock_of_a_producer_is_ahead() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("from the future", NOW.plus(RETENTION.plusDays(100)));
            send("a", NOW.plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void expires_nothing_if_the_system_clock_is_ahead() {
            start(Mode.EXACTLY_ONCE);
            driver.advanceWallClockTime(RETENTION.plusDays(100));
            send("a", NOW);
            send("a", NOW.plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void keeps_an_order_that_arrives_long_after_its_timestamp() {
            start(Mode.EXACTLY_ONCE);
            send("in time", NOW);
            send("late", NOW.minus(RETENTION.plusDays(30)));
            send("late", NOW.plusSeconds(1));
            assertThat(values(Topics.DUPLICATES))
                    .hasSize(1)
                    .first()
                    .satisfies(duplicate -> assertThat(
                                    duplicate.get("first_seen_at").stringValue())
                            .isEqualTo(NOW.minus(RETENTION.plusDays(30)).toString()));
        }

        @Test
        void detects_a_duplicate_that_is_older_than_the_first_order() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("a", NOW.minusSeconds(3600));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void deletes_expired_entries_in_bounded_runs() {
            start(Mode.EXACTLY_ONCE);
            int old = 2 * SeenOrdersSweep.ENTRIES_PER_RUN + 500;
            for (int i = 0; i < old; i++) {
                send("old-" + i, NOW);
            }
            driver.advanceWallClockTime(RETENTION.plusDays(1));
            send("new", NOW.plus(RETENTION));
            assertThat(entries()).isEqualTo(old + 1);
            driver.advanceWallClockTime(SeenOrdersSweep.INTERVAL);
            assertThat(entries())
                    .isBetween(
                            (long) old - SeenOrdersSweep.ENTRIES_PER_RUN, old - SeenOrdersSweep.ENTRIES_PER_RUN + 2L);
            for (int run = 0; run < 3; run++) {
                driver.advanceWallClockTime(SeenOrdersSweep.INTERVAL);
            }
            assertThat(entries()).as("only the new entry remains").isEqualTo(1);
            assertThat(all(OrderTopology.CHANGELOG).stream().filter(entry -> entry.value() == null))
                    .as("tombstones, so that the changelog shrinks as well")
                    .hasSize(old);
        }

        @Test
        void is_swept_again_when_the_next_entry_expires() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            driver.advanceWallClockTime(Duration.ofDays(1));
            send("b", NOW.plus(Duration.ofDays(1)));
            driver.advanceWallClockTime(RETENTION);
            send("c", NOW.plus(RETENTION));
            driver.advanceWallClockTime(SeenOrdersSweep.INTERVAL);
            assertThat(ids()).containsExactly("b", "c");
            send("d", NOW.plus(RETENTION.plusDays(1)));
            driver.advanceWallClockTime(SeenOrdersSweep.INTERVAL);
            assertThat(ids()).containsExactly("c", "d");
        }

        @Test
        void is_not_swept_while_no_record_is_read() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            driver.advanceWallClockTime(RETENTION.multipliedBy(10));
            assertThat(entries()).isEqualTo(1);
        }

        @Test
        void rounds_the_time_of_an_entry_up() {
            SeenOrder seen = SeenOrder.at(1_000, 7, 2_500, 5);
            SeenOrder stored = SeenOrder.fromBytes(seen.toBytes());
            assertThat(stored.timestamp()).isEqualTo(1_000);
            assertThat(stored.offset()).isEqualTo(7);
            assertThat(stored.seenAt()).isEqualTo(3_000);
            assertThat(stored.digest()).hasValue(5);
            assertThat(seen.toBytes()).hasSize(28);
            assertThat(SeenOrder.fromBytes(SeenOrder.at(5, 1, -1, 0).toBytes()).seenAt())
                    .isEqualTo(5);
            assertThat(SeenOrder.fromBytes(SeenOrder.at(0, 1, Long.MAX_VALUE, 0).toBytes())
                            .seenAt())
                    .isEqualTo(1000L * Integer.MAX_VALUE);
        }
    }

    @Test
    void the_listener_receives_the_result_of_each_message() {
        start(Mode.EXACTLY_ONCE);
        send("a", NOW);
        send("a", NOW);
        input().pipeInput(utf8("a"), other("a"), NOW);
        input().pipeInput(utf8("b"), json("a"), NOW);
        assertThat(events)
                .containsExactly(
                        "processed offset=0 mode=exactly-once",
                        "duplicate offset=1 first=0",
                        "conflict offset=2 first=0",
                        "dead letter offset=3 reason=order_id is not the record's key");
    }

    @Nested
    class A_dead_letter {
        @Test
        void contains_the_original_bytes_and_headers_and_the_reason() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            byte[] garbage = {'{', 0, (byte) 0xFF};
            RecordHeaders headers = new RecordHeaders();
            headers.add("traceparent", utf8("kept"));
            input().pipeInput(new TestRecord<>(utf8("k"), garbage, headers, NOW));
            TestRecord<byte[], byte[]> letter = only(Topics.DEAD_LETTERS);
            assertThat(letter.key()).isEqualTo(utf8("k"));
            assertThat(letter.value()).isEqualTo(garbage);
            assertThat(header(letter, "traceparent")).isEqualTo("kept");
            assertThat(header(letter, DeadLetter.REASON)).contains("not JSON");
            assertThat(header(letter, DeadLetter.TOPIC)).isEqualTo(Topics.ORDERS);
            assertThat(header(letter, DeadLetter.PARTITION)).isEqualTo("0");
            assertThat(header(letter, DeadLetter.OFFSET)).isEqualTo("1");
            assertThat(header(letter, DeadLetter.REJECTED_AT)).isEqualTo(NOW.toString());
            assertThat(all(Topics.PROCESSED)).hasSize(1);
        }

        @Test
        void is_truncated_if_it_is_too_large_for_its_topic() {
            start(Mode.EXACTLY_ONCE);
            RecordHeaders headers = new RecordHeaders();
            headers.add("large", new byte[DeadLetter.MAX_ORIGINAL_BYTES]);
            input().pipeInput(new TestRecord<>(utf8("a"), json("a"), headers, NOW));
            input().pipeInput(utf8("b"), new byte[DeadLetter.MAX_ORIGINAL_BYTES], NOW);
            input().pipeInput(null, new byte[DeadLetter.MAX_ORIGINAL_BYTES], NOW);
            List<TestRecord<byte[], byte[]>> letters = all(Topics.DEAD_LETTERS);
            assertThat(letters).hasSize(3);
            assertThat(letters.get(0).value()).isEqualTo(json("a"));
            assertThat(letters.get(0).headers().lastHeader("large")).isNull();
            assertThat(header(letters.get(0), DeadLetter.REASON)).startsWith("the record is larger than");
            assertThat(letters.get(1).key()).isEqualTo(utf8("b"));
            assertThat(letters.get(1).value()).hasSize(DeadLetter.CUT_BYTES);
            assertThat(header(letters.get(1), DeadLetter.CUT)).isEqualTo("" + DeadLetter.MAX_ORIGINAL_BYTES);
            assertThat(header(letters.get(1), DeadLetter.OFFSET)).isEqualTo("1");
            assertThat(letters.get(2).value()).as("exactly the limit").hasSize(DeadLetter.MAX_ORIGINAL_BYTES);
            assertThat(letters.get(2).headers().lastHeader(DeadLetter.CUT)).isNull();
        }

        @Test
        void is_created_for_an_order_whose_key_is_not_its_order_id() {
            start(Mode.EXACTLY_ONCE);
            input().pipeInput(utf8("b"), json("a"), NOW);
            input().pipeInput(null, json("a"), NOW);
            assertThat(all(Topics.DEAD_LETTERS))
                    .hasSize(2)
                    .allSatisfy(letter -> assertThat(header(letter, DeadLetter.REASON))
                            .isEqualTo("order_id is not the record's key"));
            assertThat(all(Topics.PROCESSED)).isEmpty();
        }

        @Test
        void is_created_for_a_record_without_a_value() {
            start(Mode.EXACTLY_ONCE);
            input().pipeInput(utf8("a"), null, NOW);
            assertThat(only(Topics.DEAD_LETTERS).value()).isNull();
        }

        @Test
        void does_not_store_its_order_id() {
            start(Mode.EXACTLY_ONCE);
            input().pipeInput(utf8("a"), utf8("{\"order_id\":\"a\"}"), NOW);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(all(Topics.DUPLICATES)).isEmpty();
        }
    }

    /**
     * Shows why deduplication does not turn at-least-once into exactly-once. At a crash, the changelog entry and the output
     * are two messages in the buffers of the producer, and either can be sent without the other. Under exactly-once, both
     * belong to one transaction. See docs/guarantees.md.
     */
    @Nested
    class At_least_once_with_deduplication {
        @Test
        void loses_an_order_if_only_its_changelog_entry_was_sent() {
            Mode mode = new Mode(ProcessingMode.AT_LEAST_ONCE, true);
            start(mode);
            send("a", NOW);
            List<TestRecord<byte[], byte[]>> changelog = all(OrderTopology.CHANGELOG);
            // The crash: the changelog entry was sent, the output was not, and nothing was committed.
            driver.close();
            startWithEmptyState(mode);
            changelog.forEach(entry -> store().put(Bytes.wrap(entry.key()), entry.value()));
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).as("the order is lost").isEmpty();
            assertThat(all(Topics.DUPLICATES))
                    .as("the order is rejected as its own duplicate")
                    .hasSize(1);
        }

        @Test
        void duplicates_an_order_if_only_its_output_was_sent() {
            Mode mode = new Mode(ProcessingMode.AT_LEAST_ONCE, true);
            start(mode);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            driver.close();
            startWithEmptyState(mode);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).as("emitted again").hasSize(1);
        }
    }

    private Topology topology(Mode mode) {
        return OrderTopology.build(
                new TopologyConfig(new StreamsConfig(properties("first", mode))),
                new TopologySettings(mode, RETENTION, "consumer-1"),
                new RecordingListener());
    }

    private final class RecordingListener implements OrderListener {
        @Override
        public void processed(Record<byte[], ?> record, RecordMetadata source, ProcessingMode mode) {
            events.add("processed offset=%d mode=%s".formatted(source.offset(), mode.wireName()));
        }

        @Override
        public void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
            events.add("duplicate offset=%d first=%d".formatted(source.offset(), first.offset()));
        }

        @Override
        public void conflict(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
            events.add("conflict offset=%d first=%d".formatted(source.offset(), first.offset()));
        }

        @Override
        public void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason) {
            events.add("dead letter offset=%d reason=%s".formatted(source.offset(), reason));
        }
    }

    private void start(Mode mode) {
        driver = new TopologyTestDriver(topology(mode), properties("first", mode), NOW);
    }

    /** Restarts with the same entries, like a process after a clean shutdown. The driver deletes them when it closes. */
    private void restart(Mode mode) {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store().all()) {
            all.forEachRemaining(entries::add);
        }
        driver.close();
        start(mode);
        store().putAll(entries);
    }

    private void startWithEmptyState(Mode mode) {
        driver = new TopologyTestDriver(topology(mode), properties("second", mode), NOW);
    }

    private Properties properties(String stateDir, Mode mode) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, OrderTopology.APPLICATION_ID);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9");
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG, directory.resolve(stateDir).toString());
        properties.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                mode.processing() == ProcessingMode.EXACTLY_ONCE
                        ? StreamsConfig.EXACTLY_ONCE_V2
                        : StreamsConfig.AT_LEAST_ONCE);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SeenOrdersRocksDb.class);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        return properties;
    }

    /** An order with other content than {@link io.onlyonce.stream.Orders#json}. */
    private static byte[] other(String orderId) {
        return utf8(text(json(orderId)).replace("customer-1", "customer-2"));
    }

    /** An order of the largest size that grows when it is written again: UTF-16, and amounts without decimals. */
    private static byte[] largest(String orderId) {
        String item = "{\"name\":\"" + "靴".repeat(256) + "\",\"quantity\":2147483647,\"price\":9e16}";
        return "{\"order_id\":\"%s\",\"customer_id\":\"%s\",\"items\":[%s],\"total_amount\":9e16,\"created_at\":\"%s\"}"
                .formatted(orderId, "靴".repeat(128), String.join(",", Collections.nCopies(500, item)), NOW)
                .getBytes(StandardCharsets.UTF_16BE);
    }

    private TestInputTopic<byte[], byte[]> input() {
        return driver.createInputTopic(Topics.ORDERS, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void send(String orderId, Instant timestamp) {
        input().pipeInput(utf8(orderId), json(orderId), timestamp);
    }

    /** Returns the records since the last call. */
    private List<TestRecord<byte[], byte[]>> all(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    private TestRecord<byte[], byte[]> only(String topic) {
        List<TestRecord<byte[], byte[]>> records = all(topic);
        assertThat(records).hasSize(1);
        return records.getFirst();
    }

    private List<JsonNode> values(String topic) {
        JsonMapper mapper = new JsonMapper();
        return all(topic).stream()
                .map(record -> mapper.readTree(record.value()))
                .toList();
    }

    private KeyValueStore<Bytes, byte[]> store() {
        return driver.getKeyValueStore(OrderTopology.SEEN_ORDERS);
    }

    private long entries() {
        return ids().size();
    }

    private List<String> ids() {
        List<String> ids = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> entries = store().all()) {
            entries.forEachRemaining(entry -> ids.add(text(entry.key.get())));
        }
        return ids;
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return text(record.headers().lastHeader(name).value());
    }

    private static ConsumerRecord<Object, Object> record(long timestamp) {
        return new ConsumerRecord<>(
                Topics.ORDERS,
                0,
                0,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                "k",
                "v",
                new RecordHeaders(),
                Optional.empty());
    }
}
