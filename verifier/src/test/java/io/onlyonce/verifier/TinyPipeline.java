package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import io.onlyonce.verifier.plan.OrderContent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A minimal pipeline that follows the contract, on a real broker and a real database. Each {@link Sabotage} is a defect that
 * the verifier must detect.
 */
final class TinyPipeline implements AutoCloseable {
    /** A defect affects one in this many records. */
    private static final int EVERY = 50;

    private static final Duration POLL = Duration.ofMillis(50);

    private final Set<Sabotage> sabotages;
    private final String bootstrapServers;
    private final SystemUnderTest database;
    private final HttpServer http;
    private KafkaProducer<byte[], byte[]> ingest;
    private final KafkaConsumer<byte[], byte[]> streamInput;
    private final KafkaConsumer<byte[], byte[]> sinkInput;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private volatile boolean closed;
    private int taken;

    /** @param names addresses of Kafka and PostgreSQL; the URLs are not used */
    TinyPipeline(SystemUnderTest names, Set<Sabotage> sabotages) throws IOException, SQLException {
        this.sabotages = sabotages;
        this.bootstrapServers = names.bootstrapServers();
        this.database = names;
        createTables();
        ingest = producer("tiny-ingest");
        streamInput = consumer("read_committed", "orders");
        sinkInput = consumer(
                sabotages.contains(Sabotage.SINKS_UNCOMMITTED) ? "read_uncommitted" : "read_committed",
                "orders.processed",
                "orders.duplicates");
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(threads);
        http.createContext("/config", exchange -> answer(exchange, 200, "{}"));
        http.createContext("/orders", this::orders);
        http.start();
        threads.execute(this::stream);
        threads.execute(this::sink);
    }

    URI url() {
        return URI.create("http://localhost:" + http.getAddress().getPort());
    }

    // --- HTTP to orders

    private void orders(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try {
            JsonNode json = ContractJson.object(body);
            List<JsonNode> orders = new ArrayList<>();
            if (exchange.getRequestURI().getPath().endsWith("/batch")) {
                json.get("orders").forEach(orders::add);
            } else {
                orders.add(json);
            }
            if (!sabotages.contains(Sabotage.DOES_NOT_VALIDATE)) {
                for (JsonNode order : orders) {
                    validate(order);
                }
            }
            answer(exchange, 200, "{\"partition\":%d}".formatted(commit(orders)));
        } catch (InvalidJsonException e) {
            answer(exchange, 400, e.getMessage());
        } catch (Exception e) {
            answer(exchange, 500, e.toString());
        }
    }

    private static boolean isValid(byte[] order) {
        try {
            validate(ContractJson.object(order));
            return true;
        } catch (InvalidJsonException e) {
            return false;
        }
    }

    private static void validate(JsonNode order) throws InvalidJsonException {
        OrderContent content = ContractJson.content(order);
        if (content.lines().isEmpty() || content.lines().stream().anyMatch(line -> line.quantity() < 1)) {
            throw new InvalidJsonException("no such order");
        }
    }

    /** @return the partition of the last order */
    private synchronized int commit(List<JsonNode> orders) throws Exception {
        boolean bad = ++taken % EVERY == 0;
        if (sabotages.contains(Sabotage.ACKNOWLEDGES_TOO_EARLY) && bad) {
            return 0;
        }
        if (sabotages.contains(Sabotage.SPLITS_BATCHES) && orders.size() > 1) {
            orders = orders.subList(0, orders.size() - 1);
        }
        try {
            return write(orders);
        } catch (KafkaException | ExecutionException e) {
            // The state of the producer is unknown. The client repeats the order, because the outcome is unknown as
            // well.
            ingest.close(Duration.ZERO);
            ingest = producer("tiny-ingest");
            throw e;
        }
    }

    private int write(List<JsonNode> orders) throws Exception {
        ingest.beginTransaction();
        Future<RecordMetadata> last = null;
        for (JsonNode order : orders) {
            ObjectNode value = (ObjectNode) order.deepCopy();
            Instant created = order.has("created_at")
                    ? OffsetDateTime.parse(order.get("created_at").stringValue())
                            .toInstant()
                    : Instant.ofEpochMilli(System.currentTimeMillis());
            value.put("created_at", created.toString());
            byte[] key = order.path("order_id").stringValue("").getBytes(UTF_8);
            last = ingest.send(new ProducerRecord<>("orders", key, ContractJson.bytes(value)));
        }
        ingest.commitTransaction();
        return last.get().partition();
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    // --- orders to orders.processed

    private void stream() {
        Set<String> seen = new HashSet<>();
        int transactions = 0;
        try (streamInput;
                KafkaProducer<byte[], byte[]> producer = producer("tiny-stream")) {
            while (!closed) {
                ConsumerRecords<byte[], byte[]> orders = streamInput.poll(POLL);
                if (orders.isEmpty()) {
                    continue;
                }
                // Every third transaction is aborted once before it is committed.
                if (++transactions % 3 == 0) {
                    producer.beginTransaction();
                    emit(producer, orders, new HashSet<>(seen));
                    producer.flush();
                    Thread.sleep(50);
                    producer.abortTransaction();
                }
                producer.beginTransaction();
                emit(producer, orders, seen);
                producer.commitTransaction();
            }
        } catch (InvalidJsonException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void emit(KafkaProducer<byte[], byte[]> to, ConsumerRecords<byte[], byte[]> orders, Set<String> seen)
            throws InvalidJsonException {
        for (ConsumerRecord<byte[], byte[]> order : orders) {
            boolean bad = order.offset() % EVERY == 7;
            String id = new String(order.key(), UTF_8);
            if (sabotages.contains(Sabotage.DROPS) && bad) {
                continue;
            }
            // An invalid order would stop the sink.
            if (sabotages.contains(Sabotage.DOES_NOT_VALIDATE) && !isValid(order.value())) {
                continue;
            }
            if (!seen.add(id) && !sabotages.contains(Sabotage.DOES_NOT_DEDUPLICATE)) {
                ObjectNode duplicate = ContractJson.newObject().put("order_id", id);
                to.send(new ProducerRecord<>(
                        "orders.duplicates", order.partition(), order.key(), placed(order, duplicate)));
                continue;
            }
            ObjectNode value = (ObjectNode) ContractJson.object(order.value());
            value.put("status", "processed");
            value.put(
                    "processed_at",
                    Instant.ofEpochMilli(System.currentTimeMillis()).toString());
            value.put("consumer_id", "tiny");
            value.put("processing_mode", "exactly-once");
            if (sabotages.contains(Sabotage.ROUNDS_MONEY)) {
                value.put(
                        "total_amount", value.get("total_amount").decimalValue().floatValue());
            }
            byte[] json = placed(order, value);
            to.send(new ProducerRecord<>("orders.processed", order.partition(), order.key(), json));
            if (sabotages.contains(Sabotage.EMITS_TWICE) && bad) {
                to.send(new ProducerRecord<>("orders.processed", order.partition(), order.key(), json));
            }
        }
    }

    private static byte[] placed(ConsumerRecord<byte[], byte[]> order, ObjectNode value) {
        return ContractJson.bytes(value.put("partition", order.partition()).put("offset", order.offset()));
    }

    // --- orders.processed to PostgreSQL

    private void sink() {
        try (sinkInput) {
            while (!closed) {
                ConsumerRecords<byte[], byte[]> records = sinkInput.poll(POLL);
                try {
                    store(records);
                } catch (SQLException e) {
                    // PostgreSQL is down: retry the same records.
                    for (TopicPartition partition : records.partitions()) {
                        sinkInput.seek(
                                partition, records.records(partition).getFirst().offset());
                    }
                }
            }
        }
    }

    private void store(ConsumerRecords<byte[], byte[]> records) throws SQLException {
        if (records.isEmpty()) {
            return;
        }
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (ConsumerRecord<byte[], byte[]> one : records) {
                if (sabotages.contains(Sabotage.SINK_SKIPS) && one.offset() % EVERY == 7) {
                    continue;
                }
                storeMessage(connection, one);
                if (one.topic().equals("orders.processed")) {
                    storeOrder(connection, one);
                }
            }
            connection.commit();
        }
    }

    private static void storeMessage(Connection connection, ConsumerRecord<byte[], byte[]> one) throws SQLException {
        String table = one.topic().equals("orders.processed") ? "processed_messages" : "duplicate_messages";
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO " + table + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, one.topic());
            insert.setInt(2, one.partition());
            insert.setLong(3, one.offset());
            insert.setString(4, new String(one.key(), UTF_8));
            insert.execute();
        }
    }

    private static void storeOrder(Connection connection, ConsumerRecord<byte[], byte[]> one) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("""
                INSERT INTO orders
                SELECT o->>'order_id', o->>'customer_id', o->'items', (o->>'total_amount')::numeric,
                       (o->>'created_at')::timestamptz
                  FROM (SELECT ?::jsonb AS o) j
                ON CONFLICT (order_id) DO UPDATE SET items = excluded.items""")) {
            upsert.setString(1, new String(one.value(), UTF_8));
            upsert.execute();
        }
    }

    private void createTables() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    CREATE TABLE IF NOT EXISTS orders (order_id text PRIMARY KEY, customer_id text, items jsonb,
                        total_amount numeric, created_at timestamptz);
                    CREATE TABLE IF NOT EXISTS processed_messages (a_topic text, a_partition int, an_offset bigint,
                        order_id text, PRIMARY KEY (a_topic, a_partition, an_offset));
                    CREATE TABLE IF NOT EXISTS duplicate_messages (a_topic text, a_partition int, an_offset bigint,
                        order_id text, PRIMARY KEY (a_topic, a_partition, an_offset))""");
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    /** Starts at the end of the topics, because earlier records belong to earlier runs. */
    private KafkaConsumer<byte[], byte[]> consumer(String isolation, String... topics) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "isolation.level", isolation),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = Stream.of(topics)
                .flatMap(topic -> consumer.partitionsFor(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    private KafkaProducer<byte[], byte[]> producer(String transactionalId) {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", transactionalId),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    @Override
    public void close() {
        closed = true;
        http.stop(0);
        threads.close();
        ingest.close();
    }
}
