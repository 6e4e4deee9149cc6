package io.onlyonce.query;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.model.kafka.Sink;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Simulates ingest, the stream and the connectors with single writes to a real Kafka and a real PostgreSQL. A test can
 * therefore omit, repeat or reorder each write.
 */
final class Pipeline implements AutoCloseable {
    static final String STREAM = ConsumerGroups.ORDER_STREAM;
    static final String SINK = ConsumerGroups.ofConnector(Sink.TRANSACTIONAL.ordersConnector());

    private final String bootstrapServers;
    private final JdbcClient jdbc;
    private final Admin admin;
    private Producer<byte[], byte[]> producer;

    Pipeline(String bootstrapServers, JdbcClient jdbc) {
        this.bootstrapServers = bootstrapServers;
        this.jdbc = jdbc;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
        this.producer = transactionalProducer();
    }

    static Order order(String id) {
        return new Order(
                id,
                "customer-of-" + id,
                List.of(new OrderItem("Widget", 3, new BigDecimal("0.10"))),
                new BigDecimal("0.30"),
                Instant.now().truncatedTo(ChronoUnit.MICROS));
    }

    static ProcessedOrder processed(Order order, RecordMetadata source) {
        return new ProcessedOrder(
                order, Instant.now(), "consumer-1", ProcessingMode.EXACTLY_ONCE, source.partition(), source.offset());
    }

    Admin admin() {
        return admin;
    }

    /** Returns a producer for a transaction that the test ends or leaves open. */
    Producer<byte[], byte[]> transactionalProducer() {
        Producer<byte[], byte[]> transactional = new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                        "test-" + UUID.randomUUID()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        transactional.initTransactions();
        return transactional;
    }

    /** Commits the order to `orders`, in a separate transaction. */
    RecordMetadata ingest(Order order) {
        return commit(record(Topics.ORDERS, order.orderId(), OrderJson.write(order)));
    }

    /** Repeats a transaction that the broker rejects because it has not yet completed the previous one. */
    RecordMetadata commit(ProducerRecord<byte[], byte[]> record) {
        for (int attempt = 1; ; attempt++) {
            try {
                return write(record);
            } catch (KafkaException e) {
                producer.close(Duration.ZERO);
                producer = transactionalProducer();
                boolean rejected =
                        e instanceof InvalidTxnStateException || e.getCause() instanceof InvalidTxnStateException;
                if (!rejected || attempt == 3) {
                    throw e;
                }
            }
        }
    }

    private RecordMetadata write(ProducerRecord<byte[], byte[]> record) {
        producer.beginTransaction();
        var sent = producer.send(record);
        producer.commitTransaction();
        return sent.resultNow();
    }

    /** Writes the record in a transaction and aborts it. */
    RecordMetadata abort(ProducerRecord<byte[], byte[]> record) {
        producer.beginTransaction();
        var sent = producer.send(record);
        producer.flush();
        producer.abortTransaction();
        return sent.resultNow();
    }

    static ProducerRecord<byte[], byte[]> record(String topic, String key, byte[] value) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), value);
    }

    static ProducerRecord<byte[], byte[]> record(ProcessedOrder processed) {
        return record(Topics.PROCESSED, processed.order().orderId(), OrderJson.write(processed));
    }

    static ProducerRecord<byte[], byte[]> deadLetter(String key, byte[] value, RecordMetadata source) {
        var record = record(Topics.DEAD_LETTERS, key, value);
        record.headers()
                .add(DeadLetter.TOPIC, source.topic().getBytes(UTF_8))
                .add(DeadLetter.PARTITION, Integer.toString(source.partition()).getBytes(UTF_8))
                .add(DeadLetter.OFFSET, Long.toString(source.offset()).getBytes(UTF_8));
        return record;
    }

    /** Simulates the complete path of an order, from ingest to the rows, including the committed offsets. */
    Stored store(Order order) {
        RecordMetadata source = ingest(order);
        ProcessedOrder processed = processed(order, source);
        RecordMetadata output = commit(record(processed));
        commitOffset(STREAM, source);
        storeRows(processed, output);
        return new Stored(processed, source, output);
    }

    record Stored(ProcessedOrder processed, RecordMetadata source, RecordMetadata output) {}

    void storeRows(ProcessedOrder processed, RecordMetadata output) {
        insertOrder(processed);
        insertProcessed(processed, output);
        commitOffset(SINK, output);
    }

    /** Commits the offset after the record, which is the offset of its transaction marker. */
    void commitOffset(String group, RecordMetadata record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        await(admin.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(record.offset() + 1)))
                .all());
    }

    void insertOrder(ProcessedOrder processed) {
        Order order = processed.order();
        String items =
                new String(OrderJson.write(order), UTF_8).replaceAll("(?s).*\"items\":(\\[.*\\]),\"total.*", "$1");
        jdbc.sql("INSERT INTO orders VALUES (?, ?, ?::jsonb, ?, ?, 'processed', ?, ?, ?, ?, ?)")
                .params(
                        order.orderId(),
                        order.customerId(),
                        items,
                        order.totalAmount(),
                        order.createdAt().atOffset(ZoneOffset.UTC),
                        processed.processedAt().atOffset(ZoneOffset.UTC),
                        processed.consumerId(),
                        processed.processingMode().wireName(),
                        processed.partition(),
                        processed.offset())
                .update();
    }

    void insertProcessed(ProcessedOrder processed, RecordMetadata output) {
        jdbc.sql("INSERT INTO processed_messages VALUES ('orders.processed', ?, ?, ?, ?, ?, ?, ?, ?)")
                .params(
                        output.partition(),
                        output.offset(),
                        processed.order().orderId(),
                        processed.processedAt().atOffset(ZoneOffset.UTC),
                        processed.consumerId(),
                        processed.processingMode().wireName(),
                        processed.partition(),
                        processed.offset())
                .update();
    }

    /** Inserts a duplicate of the record with the offset 2 in `orders`. */
    void insertDuplicate(String orderId, RecordMetadata record, boolean conflict) {
        jdbc.sql("""
                        INSERT INTO duplicate_messages VALUES
                        ('orders.duplicates', ?, ?, ?, now(), 1, now(), 'consumer-1', ?, 2, now(), ?, ?::jsonb)""")
                .params(
                        record.partition(),
                        record.offset(),
                        orderId,
                        record.partition(),
                        conflict,
                        conflict ? "{\"order_id\":\"%s\",\"total_amount\":0.50}".formatted(orderId) : null)
                .update();
    }

    /** Deletes the record and all earlier records of its partition, as retention does. */
    void deleteThrough(RecordMetadata record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        await(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(record.offset() + 1)))
                .all());
    }

    /** Empties the topics and the tables, and deletes the groups. The log start offsets keep increasing. */
    void clean() {
        var names = await(admin.listTopics().names());
        var partitions = await(admin.describeTopics(names).allTopicNames()).values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        partitions.forEach(partition -> all.put(partition, RecordsToDelete.beforeOffset(-1)));
        await(admin.deleteRecords(all).all());
        var groups = await(admin.listGroups().all()).stream()
                .map(group -> group.groupId())
                .toList();
        await(admin.deleteConsumerGroups(groups).all());
        jdbc.sql("SELECT reset_lab()").query(row -> {});
    }

    static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
