package io.onlyonce.stream;

import static io.onlyonce.stream.Orders.json;
import static io.onlyonce.stream.Orders.text;
import static io.onlyonce.stream.Orders.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onlyonce.model.DeadLetter;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
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

    private final List<Long> crashes = new ArrayList<>();
    private final Faults faults = new Faults((messages, record, source) -> crashes.add(source.offset()));
    private final OrderJournal journal = new OrderJournal(new OrderLog(), seconds -> {});
    private TopologyTestDriver driver;

    @AfterEach
    void close() {
        if (driver != null) {
            driver.close();
        }
    }

    @Test
    void the_description_is_the_one_that_running_stores_were_made_for() throws IOException {
        String golden;
        try (InputStream in = getClass().getResourceAsStream("/topology.txt")) {
            golden = text(in.readAllBytes());
        }
        assertThat(OrderTopology.build(settings(Mode.EXACTLY_ONCE), faults, journal)
                        .describe()
                        .toString())
                .as("A change of the topology: think before you update the golden file. A renamed store gets a new, "
                        + "empty changelog: the stream forgets every order it has seen, and lets each of them through "
                        + "once more. A renamed processor or sink changes metrics and, in some cases, the numbers of the "
                        + "sub-topologies, and with them the state directories. If it must be, reset the application, "
                        + "or migrate the changelog first.")
                .isEqualToIgnoringNewLines(golden);
    }

    @Test
    void no_mode_changes_the_topology() {
        String description = OrderTopology.build(settings(Mode.EXACTLY_ONCE), faults, journal)
                .describe()
                .toString();
        for (ProcessingMode processing : ProcessingMode.values()) {
            for (boolean deduplicating : new boolean[] {true, false}) {
                assertThat(OrderTopology.build(settings(new Mode(processing, deduplicating)), faults, journal)
                                .describe()
                                .toString())
                        .isEqualTo(description);
            }
        }
    }

    @Nested
    class An_order {
        @Test
        void comes_out_processed_with_everything_it_had_and_where_it_came_from() {
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
        void without_a_timestamp_is_processed_all_the_same() {
            assertThat(new RecordTime().extract(record(-1), 77)).isEqualTo(77);
            assertThat(new RecordTime().extract(record(-1), -1)).isPositive();
            assertThat(new RecordTime().extract(record(5), 77)).isEqualTo(5);
        }
    }

    @Nested
    class A_duplicate {
        @Test
        void is_rejected_with_where_it_was_and_when_the_first_one_came() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("b", NOW.plusSeconds(1));
            send("a", NOW.plusSeconds(2));
            assertThat(all(Topics.PROCESSED)).hasSize(2);
            TestRecord<byte[], byte[]> duplicate = only(Topics.DUPLICATES);
            assertThat(duplicate.key()).isEqualTo(utf8("a"));
            assertThat(text(duplicate.value()))
                    .isEqualTo("{\"order_id\":\"a\",\"partition\":0,\"offset\":2,"
                            + "\"first_seen_at\":\"2026-11-23T12:00:00Z\",\"first_offset\":0,"
                            + "\"detected_at\":\"2026-11-23T12:00:00Z\",\"consumer_id\":\"consumer-1\"}");
        }

        @Test
        void is_one_by_its_id_alone_whatever_else_it_says() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            input().pipeInput(utf8("a"), utf8(text(json("a")).replace("customer-1", "customer-2")), NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void of_a_duplicate_is_a_duplicate_of_the_first() {
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
        void passes_where_deduplication_is_off() {
            start(Mode.AT_LEAST_ONCE);
            send("a", NOW);
            send("a", NOW);
            assertThat(values(Topics.PROCESSED))
                    .hasSize(2)
                    .allSatisfy(order -> assertThat(order.get("processing_mode").stringValue())
                            .isEqualTo("at-least-once"));
            assertThat(all(Topics.DUPLICATES)).isEmpty();
            assertThat(entries()).as("the memory is not written").isZero();
        }

        @Test
        void of_an_order_that_came_while_deduplication_was_off_is_not_known() {
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
    class The_memory {
        @Test
        void holds_an_id_until_the_retention_is_over_and_then_forgets_it() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            driver.advanceWallClockTime(RETENTION.plusDays(1));
            send("a", NOW.plus(RETENTION).minusMillis(1));
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
            send("a", NOW.plus(RETENTION));
            assertThat(all(Topics.PROCESSED))
                    .as("seen again for the first time")
                    .hasSize(1);
            send("a", NOW.plus(RETENTION).plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).as("and remembered again").hasSize(1);
        }

        @Test
        void forgets_nothing_because_a_producers_clock_is_ahead() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("from the future", NOW.plus(RETENTION.plusDays(100)));
            send("a", NOW.plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void forgets_nothing_because_this_machines_clock_is_ahead() {
            start(Mode.EXACTLY_ONCE);
            driver.advanceWallClockTime(RETENTION.plusDays(100));
            send("a", NOW);
            send("a", NOW.plusSeconds(1));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void holds_an_order_that_comes_long_after_its_own_timestamp() {
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
        void knows_a_duplicate_whose_timestamp_is_older_than_the_firsts() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            send("a", NOW.minusSeconds(3600));
            assertThat(all(Topics.DUPLICATES)).hasSize(1);
        }

        @Test
        void gives_back_the_space_of_what_it_forgot_a_bounded_number_at_a_time() {
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
            assertThat(entries()).as("only the new one is left").isEqualTo(1);
            assertThat(all(OrderTopology.CHANGELOG).stream().filter(entry -> entry.value() == null))
                    .as("tombstones, so that the changelog shrinks as well")
                    .hasSize(old);
        }

        @Test
        void is_swept_again_when_the_next_of_its_entries_is_due() {
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
        void is_not_swept_while_nothing_is_read() {
            start(Mode.EXACTLY_ONCE);
            send("a", NOW);
            driver.advanceWallClockTime(RETENTION.multipliedBy(10));
            assertThat(entries()).isEqualTo(1);
        }

        @Test
        void rounds_what_it_stores_to_the_side_of_remembering() {
            SeenOrder seen = SeenOrder.at(1_000, 7, 2_500);
            SeenOrder stored = SeenOrder.fromBytes(seen.toBytes());
            assertThat(stored.timestamp()).isEqualTo(1_000);
            assertThat(stored.offset()).isEqualTo(7);
            assertThat(stored.seenAt()).isEqualTo(3_000);
            assertThat(seen.toBytes()).hasSize(20);
            assertThat(SeenOrder.fromBytes(SeenOrder.at(5, 1, -1).toBytes()).seenAt())
                    .isEqualTo(5);
            assertThat(SeenOrder.fromBytes(SeenOrder.at(0, 1, Long.MAX_VALUE).toBytes())
                            .seenAt())
                    .isEqualTo(1000L * Integer.MAX_VALUE);
        }
    }

    @Nested
    class A_dead_letter {
        @Test
        void keeps_its_bytes_and_headers_and_says_why() {
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
        void is_cut_where_it_is_larger_than_its_topic_takes() {
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
            assertThat(letters.get(2).value()).as("just not too large").hasSize(DeadLetter.MAX_ORIGINAL_BYTES);
            assertThat(letters.get(2).headers().lastHeader(DeadLetter.CUT)).isNull();
        }

        @Test
        void is_what_comes_under_another_key_than_its_order_id() {
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
        void is_what_has_no_value() {
            start(Mode.EXACTLY_ONCE);
            input().pipeInput(utf8("a"), null, NOW);
            assertThat(only(Topics.DEAD_LETTERS).value()).isNull();
        }

        @Test
        void does_not_make_its_id_seen() {
            start(Mode.EXACTLY_ONCE);
            input().pipeInput(utf8("a"), utf8("{\"order_id\":\"a\"}"), NOW);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            assertThat(all(Topics.DUPLICATES)).isEmpty();
        }
    }

    @Nested
    class A_fault {
        @Test
        void of_a_message_comes_before_any_output_and_any_memory() {
            start(Mode.EXACTLY_ONCE);
            faults.set(new Faults.Plan(0, 1));
            assertThatThrownBy(() -> send("a", NOW)).hasRootCauseInstanceOf(SimulatedFailure.class);
            assertThat(all(Topics.PROCESSED)).isEmpty();
            assertThat(entries()).isZero();
        }

        @Test
        void that_halts_comes_after_the_nth_message_since_it_was_set_whatever_became_of_it() {
            start(Mode.EXACTLY_ONCE);
            send("before", NOW);
            faults.set(new Faults.Plan(3, 0));
            send("a", NOW);
            send("a", NOW);
            assertThat(crashes).isEmpty();
            input().pipeInput(utf8("k"), utf8("no order"), NOW);
            assertThat(crashes).containsExactly(3L);
            assertThat(all(Topics.DEAD_LETTERS)).as("its output was sent").hasSize(1);
            send("b", NOW);
            assertThat(crashes).as("once").hasSize(1);
        }

        @Test
        void of_another_kind_that_is_set_meanwhile_does_not_begin_the_count_anew() {
            start(Mode.EXACTLY_ONCE);
            faults.set(new Faults.Plan(2, 0));
            send("a", NOW);
            faults.setFailureRate(0);
            send("b", NOW);
            assertThat(crashes).hasSize(1);
        }

        @Test
        void set_to_zero_never_comes() {
            start(Mode.EXACTLY_ONCE);
            faults.set(new Faults.Plan(1, 0));
            faults.set(Faults.Plan.NONE);
            send("a", NOW);
            assertThat(crashes).isEmpty();
        }
    }

    /**
     * Why deduplication does not make at-least-once exactly-once. At a crash, the changelog and the output are two
     * messages in a producer's buffers, to different brokers perhaps, and either may have left without the other.
     * docs/guarantees.md tells the story; under exactly-once the two are one transaction.
     */
    @Nested
    class At_least_once_with_deduplication {
        @Test
        void loses_an_order_whose_memory_was_written_and_whose_output_was_not() {
            Mode mode = new Mode(ProcessingMode.AT_LEAST_ONCE, true);
            start(mode);
            send("a", NOW);
            List<TestRecord<byte[], byte[]>> changelog = all(OrderTopology.CHANGELOG);
            // The crash: what was sent to the changelog has arrived, orders.processed got nothing, nothing is
            // committed.
            driver.close();
            startAnew(mode);
            changelog.forEach(entry -> store().put(Bytes.wrap(entry.key()), entry.value()));
            send("a", NOW);
            assertThat(all(Topics.PROCESSED))
                    .as("lost: the order never comes out")
                    .isEmpty();
            assertThat(all(Topics.DUPLICATES))
                    .as("it passes for its own duplicate")
                    .hasSize(1);
        }

        @Test
        void duplicates_an_order_whose_output_was_written_and_whose_memory_was_not() {
            Mode mode = new Mode(ProcessingMode.AT_LEAST_ONCE, true);
            start(mode);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).hasSize(1);
            driver.close();
            startAnew(mode);
            send("a", NOW);
            assertThat(all(Topics.PROCESSED)).as("a second time").hasSize(1);
        }
    }

    private TopologySettings settings(Mode mode) {
        return new TopologySettings(mode, RETENTION, "consumer-1");
    }

    private void start(Mode mode) {
        driver = new TopologyTestDriver(
                OrderTopology.build(settings(mode), faults, journal), properties("first", mode), NOW);
    }

    /** As the process would after a regular stop: with the state it left, which the driver removes when it closes. */
    private void restart(Mode mode) {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> all = store().all()) {
            all.forEachRemaining(entries::add);
        }
        driver.close();
        start(mode);
        store().putAll(entries);
    }

    /** With an empty state directory. */
    private void startAnew(Mode mode) {
        driver = new TopologyTestDriver(
                OrderTopology.build(settings(mode), faults, journal), properties("second", mode), NOW);
    }

    private Properties properties(String stateDir, Mode mode) {
        StreamSettings streamSettings = new StreamSettings(
                "localhost:9",
                "consumer-1",
                directory.resolve(stateDir),
                URI.create("http://localhost:8001"),
                1,
                0,
                RETENTION,
                "exactly-once");
        return KafkaConfiguration.streams(streamSettings, mode.processing());
    }

    private TestInputTopic<byte[], byte[]> input() {
        return driver.createInputTopic(Topics.ORDERS, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void send(String orderId, Instant timestamp) {
        input().pipeInput(utf8(orderId), json(orderId), timestamp);
    }

    /** What has come since it was last asked for. */
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
