package io.onlyonce.bench.stream;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;

/** Fills topics before the clock starts. The same seed writes the same orders. */
final class Preload implements AutoCloseable {
    /** How far back a duplicate's original lies at the most, in records. */
    private static final int DUPLICATE_DISTANCE = 10_000;

    private static final int DUPLICATE_PERCENT = 5;
    private static final long SEED = 42;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final KafkaProducer<byte[], byte[]> producer;
    private volatile Exception failure;

    Preload(String bootstrapServers) {
        producer = new KafkaProducer<>(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                128 * 1024));
    }

    /** How many different ones so many orders have. */
    static double distinct(int orders) {
        return orders * (100 - DUPLICATE_PERCENT) / 100.0;
    }

    /** @param count records of about 260 bytes, 5 % of which repeat an earlier order_id */
    void orders(int count) {
        byte[][] keys = new byte[DUPLICATE_DISTANCE][];
        byte[][] values = new byte[DUPLICATE_DISTANCE][];
        for (int i = 0; i < count; i++) {
            int slot = random.nextInt(DUPLICATE_DISTANCE);
            if (keys[slot] == null || random.nextInt(100) >= DUPLICATE_PERCENT) {
                String id = nextId();
                keys[slot] = utf8(id);
                values[slot] = OrderJson.write(order(id));
            }
            send(Topics.ORDERS, keys[slot], values[slot]);
        }
        flush();
    }

    /** One new order now. */
    void order() {
        String id = nextId();
        send(Topics.ORDERS, utf8(id), OrderJson.write(order(id)));
    }

    /** Ids that a stream will take for its own memory when it restores its store. */
    void ids(int count, String changelog, StoredId form) {
        long now = System.currentTimeMillis();
        for (int i = 0; i < count; i++) {
            KeyValue<byte[], byte[]> stored = form.of(utf8(nextId()), now);
            send(changelog, stored.key, stored.value);
        }
        flush();
    }

    private void send(String topic, byte[] key, byte[] value) {
        producer.send(new ProducerRecord<>(topic, key, value), (metadata, problem) -> {
            if (problem != null) {
                failure = problem;
            }
        });
    }

    private void flush() {
        producer.flush();
        if (failure != null) {
            throw new IllegalStateException("not all could be written", failure);
        }
    }

    private String nextId() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Order order(String id) {
        BigDecimal price = BigDecimal.valueOf(random.nextInt(1, 10_000), 2);
        return new Order(
                id,
                "customer-" + random.nextInt(100_000),
                List.of(new OrderItem("Widget Pro", 2, price), new OrderItem("Gadget", 1, BigDecimal.TEN)),
                price.multiply(BigDecimal.TWO).add(BigDecimal.TEN),
                Instant.now());
    }

    @Override
    public void close() {
        producer.close();
    }
}
