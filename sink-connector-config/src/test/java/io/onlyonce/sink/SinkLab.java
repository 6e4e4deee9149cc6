package io.onlyonce.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.Platform;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;

/**
 * A real Kafka, Connect worker and PostgreSQL with the product's tables and connectors, one of each for all tests of this
 * module; and somebody who writes what the stream would write and reads the topics and the tables.
 */
final class SinkLab {
    private static final SinkLab SHARED = new SinkLab();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Platform platform;
    private final Producer<byte[], byte[]> stream;

    private SinkLab() {
        platform = Platform.builder().withPostgres().withConnect().start();
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
        setUp();
        stream = transactionalProducer();
    }

    static SinkLab shared() {
        return SHARED;
    }

    Platform platform() {
        return platform;
    }

    Database database() {
        return new Database(
                platform.jdbcUrl(),
                platform.postgres().user(),
                platform.postgres().password());
    }

    /** @return what it said of its progress */
    List<String> setUp() {
        List<String> progress = new ArrayList<>();
        try {
            new SinkSetup(database(), platform.connectUrl(), progress::add).run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return progress;
    }

    Admin admin() {
        return Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.bootstrapServers()));
    }

    // What the stream writes

    static ProcessedOrder processed(String orderId) {
        return processed(orderId, new BigDecimal("99.98"));
    }

    static ProcessedOrder processed(String orderId, BigDecimal total) {
        return processed(new Order(
                orderId,
                "customer-1",
                List.of(new OrderItem("Größe 42, 靴", 2, total)),
                total,
                Instant.parse("2026-11-23T10:00:00.123456Z")));
    }

    static ProcessedOrder processed(Order order) {
        return new ProcessedOrder(
                order, Instant.now(), "consumer-1", ProcessingMode.EXACTLY_ONCE, 3, 1_234_567_890_123L);
    }

    static ProducerRecord<byte[], byte[]> record(ProcessedOrder processed) {
        return new ProducerRecord<>(
                Topics.PROCESSED, processed.order().orderId().getBytes(UTF_8), OrderJson.write(processed));
    }

    /** The same partition for all that a test wants to arrive in order. */
    static ProducerRecord<byte[], byte[]> record(int partition, ProcessedOrder processed) {
        return new ProducerRecord<>(
                Topics.PROCESSED, partition, processed.order().orderId().getBytes(UTF_8), OrderJson.write(processed));
    }

    static ProducerRecord<byte[], byte[]> record(int partition, String orderId) {
        return record(partition, processed(orderId));
    }

    /** A producer whose transaction the test itself ends, or leaves open. */
    Producer<byte[], byte[]> transactionalProducer() {
        Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "test-" + UUID.randomUUID(),
                        // A transaction that a test leaves open is to stay so for as long as the test looks.
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        600_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    /** In one transaction. @return the records' places, in their order */
    List<Place> commit(List<ProducerRecord<byte[], byte[]>> records) {
        stream.beginTransaction();
        List<Future<RecordMetadata>> sent = records.stream().map(stream::send).toList();
        stream.commitTransaction();
        return sent.stream().map(Future::resultNow).map(Place::of).toList();
    }

    Place commit(ProducerRecord<byte[], byte[]> record) {
        return commit(List.of(record)).getFirst();
    }

    /** Written to the topic, and aborted. */
    void abort(List<ProducerRecord<byte[], byte[]>> records) {
        stream.beginTransaction();
        List<Future<RecordMetadata>> sent = records.stream().map(stream::send).toList();
        stream.flush();
        sent.forEach(Future::resultNow);
        stream.abortTransaction();
    }

    /** Commits ten orders at a time, PREFIX-0, PREFIX-1, ..., and aborts ten after each, until it is stopped. */
    Load load(String prefix, int perSecond) {
        return new Load(prefix, perSecond);
    }

    final class Load {
        private static final int BATCH = 10;

        private final Thread thread;
        private volatile boolean stopped;
        private volatile int sent;

        private Load(String prefix, int perSecond) {
            thread = Thread.ofVirtual().start(() -> {
                long start = System.nanoTime();
                while (!stopped) {
                    LockSupport.parkNanos(start + sent * 1_000_000_000L / perSecond - System.nanoTime());
                    commit(batch(prefix + "-"));
                    abort(batch(prefix + "-aborted-"));
                    sent = sent + BATCH;
                }
            });
        }

        private List<ProducerRecord<byte[], byte[]>> batch(String prefix) {
            List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
            for (int i = sent; i < sent + BATCH; i++) {
                batch.add(record(processed(prefix + i)));
            }
            return batch;
        }

        int sent() {
            return sent;
        }

        /** @return how many orders were committed */
        int stop() {
            stopped = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return sent;
        }
    }

    // What is in the topics

    /** A record's place in its topic, which is its row's key. */
    record Place(int partition, long offset) {
        static Place of(RecordMetadata metadata) {
            return new Place(metadata.partition(), metadata.offset());
        }

        static Place of(ConsumerRecord<?, ?> record) {
            return new Place(record.partition(), record.offset());
        }
    }

    /** All that was committed so far. */
    List<ConsumerRecord<byte[], byte[]>> committed(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                platform.bootstrapServers(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < end.get(partition))) {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
            }
        }
        return records;
    }

    List<ConsumerRecord<byte[], byte[]>> deadLetters(String connector) {
        return committed(connector + ".dlq");
    }

    static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** How far the connector says that it has come, in each partition that it has said anything of. */
    Map<Integer, Long> readPositions(String connector) {
        String group = "connect-" + connector;
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata(group)
                    .get();
            return offsets.entrySet().stream()
                    .collect(toMap(
                            entry -> entry.getKey().partition(),
                            entry -> entry.getValue().offset()));
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // What is in the tables

    /** Returns when all that is committed has its rows, and no others are there. */
    void awaitTablesHoldWhatIsCommitted() {
        patiently().untilAsserted(() -> {
            // The rows first: what is committed between the two reads is no phantom.
            Map<Place, String> stored = processedMessages();
            Map<Place, String> expected = committedAndAccepted();
            failOnPhantoms(stored, expected);
            assertThat(stored).isEqualTo(expected);
            assertThat(query("SELECT order_id FROM orders ORDER BY 1"))
                    .isEqualTo(expected.values().stream()
                            .distinct()
                            .sorted(SinkLab::byCodePoints)
                            .toList());
        });
        assertThat(queryOne("SELECT messages FROM processing_totals"))
                .as("the counter against the rows")
                .isEqualTo(queryOne("SELECT count(*) FROM processed_messages"));
    }

    /** At once, by what is no failed assertion: what is stored and not committed does not become right by waiting. */
    private static void failOnPhantoms(Map<Place, String> stored, Map<Place, String> expected) {
        Set<Map.Entry<Place, String>> phantoms = new HashSet<>(stored.entrySet());
        phantoms.removeAll(expected.entrySet());
        if (!phantoms.isEmpty()) {
            throw new IllegalStateException("Rows of processed_messages without a committed record: " + phantoms);
        }
    }

    private Map<Place, String> committedAndAccepted() {
        List<Place> refused = deadLetters(Connectors.PROCESSED_MESSAGES).stream()
                .map(letter -> new Place(
                        Integer.parseInt(header(letter, "__connect.errors.partition")),
                        Long.parseLong(header(letter, "__connect.errors.offset"))))
                .toList();
        return committed(Topics.PROCESSED).stream()
                .filter(record -> !refused.contains(Place.of(record)))
                .collect(toMap(Place::of, record -> new String(record.key(), UTF_8)));
    }

    /** As the database sorts. */
    private static int byCodePoints(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
    }

    /** The order_id by the place of its record. */
    Map<Place, String> processedMessages() {
        return query("""
                SELECT __connect_partition || ' ' || __connect_offset || ' ' || order_id FROM processed_messages
                 WHERE __connect_topic = 'orders.processed'""").stream()
                .map(row -> row.split(" ", 3))
                .collect(toMap(row -> new Place(Integer.parseInt(row[0]), Long.parseLong(row[1])), row -> row[2]));
    }

    /** How many rows of the table have the order_id. */
    int count(String table, String orderId) {
        return Integer.parseInt(queryOne("SELECT count(*) FROM " + table + " WHERE order_id = ?", orderId));
    }

    String queryOne(String sql, String... parameters) {
        return query(sql, parameters).getFirst();
    }

    /** The first column, as text. On a connection of its own: the server may have been killed since the last. */
    List<String> query(String sql, String... parameters) {
        try (Connection connection = connection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(i + 1, parameters[i]);
            }
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    void execute(String sql) {
        try (Connection connection = connection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(
                platform.jdbcUrl(),
                platform.postgres().user(),
                platform.postgres().password());
    }

    // Connect

    HttpResponse<String> connect(String method, String path, String body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(platform.connectUrl().resolve(path))
                            .header("Content-Type", "application/json")
                            .timeout(Duration.ofSeconds(60))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks until it is granted: a worker that is rebalancing answers 409, one whose consumer has not left yet 400. */
    void awaitConnect(String method, String path) {
        patiently().untilAsserted(() -> {
            HttpResponse<String> response = connect(method, path, "");
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        });
    }

    ConnectApi.Status status(String connector) {
        try (ConnectApi api = new ConnectApi(platform.connectUrl())) {
            return api.statuses().get(connector);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitState(String connector, String state) {
        patiently()
                .untilAsserted(() -> assertThat(status(connector))
                        .extracting(ConnectApi.Status::state)
                        .isEqualTo(state));
    }

    /** For a machine that is busy with other things. */
    static ConditionFactory patiently() {
        return await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(100));
    }
}
