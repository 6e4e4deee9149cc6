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
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
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
 * Real Kafka, Connect and PostgreSQL servers with the tables and connectors of the product, shared by all tests of this
 * module. Writes records as the stream does, and reads the topics and the tables.
 */
final class SinkStack {
    private static final SinkStack SHARED = new SinkStack();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Platform platform;
    private final Producer<byte[], byte[]> stream;

    private SinkStack() {
        platform = Platform.builder().withPostgres().withConnect().start();
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close));
        setUp();
        sink().connectors().forEach(this::awaitTasks);
        stream = transactionalProducer();
    }

    /** Waits until all tasks have their partitions: a task that loses a partition can write a dead letter twice. */
    private void awaitTasks(String connector) {
        String group = ConsumerGroups.ofConnector(connector);
        int tasks = Integer.parseInt(Connectors.config(connector).get("tasks.max"));
        try (Admin admin = admin()) {
            // Another thread would wait for the initialization of this class.
            awaitSlowly().pollInSameThread().until(() -> {
                var members = admin.describeConsumerGroups(List.of(group))
                        .describedGroups()
                        .get(group)
                        .get()
                        .members();
                return members.stream()
                                .filter(member ->
                                        !member.assignment().topicPartitions().isEmpty())
                                .count()
                        == tasks;
            });
        }
    }

    static SinkStack shared() {
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

    /** The sink that the tests check: the system property {@code sink}, by default the transactional sink. */
    Sink sink() {
        return Sink.of(System.getProperty("sink", Sink.TRANSACTIONAL.wireName()));
    }

    /** @return the progress lines */
    List<String> setUp() {
        return setUp(sink());
    }

    List<String> setUp(Sink sink) {
        List<String> progress = new ArrayList<>();
        try {
            new SinkSetup(sink, database(), platform.connectUrl(), progress::add).run();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return progress;
    }

    Admin admin() {
        return Admin.create(
                Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, platform.bootstrapServers()));
    }

    // Records of the stream

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

    /** For records whose order matters. */
    static ProducerRecord<byte[], byte[]> record(int partition, ProcessedOrder processed) {
        return new ProducerRecord<>(
                Topics.PROCESSED, partition, processed.order().orderId().getBytes(UTF_8), OrderJson.write(processed));
    }

    static ProducerRecord<byte[], byte[]> record(int partition, String orderId) {
        return record(partition, processed(orderId));
    }

    /** Returns a producer for tests that leave a transaction open. */
    Producer<byte[], byte[]> transactionalProducer() {
        Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        platform.bootstrapServers(),
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "test-" + UUID.randomUUID(),
                        // Longer than any test.
                        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                        600_000),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    /** Commits the records in one transaction. @return their coordinates, in the same order */
    List<Coordinates> commit(List<ProducerRecord<byte[], byte[]>> records) {
        stream.beginTransaction();
        List<Future<RecordMetadata>> sent = records.stream().map(stream::send).toList();
        stream.commitTransaction();
        return sent.stream().map(Future::resultNow).map(Coordinates::of).toList();
    }

    Coordinates commit(ProducerRecord<byte[], byte[]> record) {
        return commit(List.of(record)).getFirst();
    }

    /** Writes the records to the topic and aborts the transaction. */
    void abort(List<ProducerRecord<byte[], byte[]>> records) {
        stream.beginTransaction();
        List<Future<RecordMetadata>> sent = records.stream().map(stream::send).toList();
        stream.flush();
        sent.forEach(Future::resultNow);
        stream.abortTransaction();
    }

    /** Alternately commits ten orders (PREFIX-0, PREFIX-1, ...) and aborts ten others, until it is stopped. */
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

    // Topics

    /** The coordinates of a record in its topic, which are the key of its row. */
    record Coordinates(int partition, long offset) {
        static Coordinates of(RecordMetadata metadata) {
            return new Coordinates(metadata.partition(), metadata.offset());
        }

        static Coordinates of(ConsumerRecord<?, ?> record) {
            return new Coordinates(record.partition(), record.offset());
        }
    }

    /** Reads all committed records. */
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
        return committed(Sink.deadLetterTopic(connector));
    }

    static String header(ConsumerRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** Returns the committed offsets of the connector in orders.processed, by partition. */
    Map<Integer, Long> committedOffsets(String connector) {
        String group = ConsumerGroups.ofConnector(connector);
        try (Admin admin = admin()) {
            Map<TopicPartition, OffsetAndMetadata> offsets = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata(group)
                    .get();
            return offsets.entrySet().stream()
                    .filter(entry -> entry.getKey().topic().equals(Topics.PROCESSED))
                    .collect(toMap(
                            entry -> entry.getKey().partition(),
                            entry -> entry.getValue().offset()));
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // Tables

    /** Waits until the tables contain exactly the committed records. */
    void awaitTablesMatchTopics() {
        awaitSlowly().untilAsserted(() -> {
            // Reads the rows first, so that a record that is committed between the two reads is not a phantom.
            Map<Coordinates, String> stored = processedMessages();
            Map<Coordinates, String> expected = committedAndStorable();
            failOnPhantoms(stored, expected);
            assertThat(stored).isEqualTo(expected);
            assertThat(query("SELECT order_id FROM orders ORDER BY 1"))
                    .isEqualTo(expected.values().stream()
                            .distinct()
                            .sorted(SinkStack::byCodePoints)
                            .toList());
        });
        assertThat(queryOne("SELECT messages FROM processing_totals"))
                .as("the counter against the rows")
                .isEqualTo(queryOne("SELECT count(*) FROM processed_messages"));
    }

    /** Fails immediately, without an assertion error that would be retried: waiting does not remove a phantom. */
    private static void failOnPhantoms(Map<Coordinates, String> stored, Map<Coordinates, String> expected) {
        Set<Map.Entry<Coordinates, String>> phantoms = new HashSet<>(stored.entrySet());
        phantoms.removeAll(expected.entrySet());
        if (!phantoms.isEmpty()) {
            throw new IllegalStateException("Rows of processed_messages without a committed record: " + phantoms);
        }
    }

    private Map<Coordinates, String> committedAndStorable() {
        List<Coordinates> rejected = deadLetters(sink().processedMessagesConnector()).stream()
                .filter(letter -> header(letter, "__connect.errors.topic").equals(Topics.PROCESSED))
                .map(letter -> new Coordinates(
                        Integer.parseInt(header(letter, "__connect.errors.partition")),
                        Long.parseLong(header(letter, "__connect.errors.offset"))))
                .toList();
        return committed(Topics.PROCESSED).stream()
                .filter(record -> !rejected.contains(Coordinates.of(record)))
                .collect(toMap(Coordinates::of, record -> new String(record.key(), UTF_8)));
    }

    /** The sort order of the database. */
    private static int byCodePoints(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
    }

    /** Returns the order_ids by the coordinates of their records. */
    Map<Coordinates, String> processedMessages() {
        return query("""
                SELECT __connect_partition || ' ' || __connect_offset || ' ' || order_id FROM processed_messages
                 WHERE __connect_topic = 'orders.processed'""").stream()
                .map(row -> row.split(" ", 3))
                .collect(
                        toMap(row -> new Coordinates(Integer.parseInt(row[0]), Long.parseLong(row[1])), row -> row[2]));
    }

    /** Counts the rows with the order_id. */
    int count(String table, String orderId) {
        return Integer.parseInt(queryOne("SELECT count(*) FROM " + table + " WHERE order_id = ?", orderId));
    }

    String queryOne(String sql, String... parameters) {
        return query(sql, parameters).getFirst();
    }

    /** Returns the first column as text. Uses a new connection, because a test may have killed the server. */
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

    /** Retries until success: a worker returns 409 during a rebalance, and 400 while its consumer is still in the group. */
    void awaitConnect(String method, String path) {
        awaitSlowly().untilAsserted(() -> {
            HttpResponse<String> response = connect(method, path, "");
            assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
        });
    }

    Set<String> connectors() {
        return allConnectors().keySet();
    }

    ConnectApi.Status status(String connector) {
        return allConnectors().get(connector).status();
    }

    private Map<String, ConnectApi.Connector> allConnectors() {
        try (ConnectApi api = new ConnectApi(platform.connectUrl())) {
            return api.connectors();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitState(String connector, String state) {
        awaitSlowly()
                .untilAsserted(() -> assertThat(status(connector))
                        .extracting(ConnectApi.Status::state)
                        .isEqualTo(state));
    }

    /** The timeout is long enough for a busy machine. */
    static ConditionFactory awaitSlowly() {
        return await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(100));
    }
}
