package io.onlyonce.bench.stream;

import static java.util.Map.entry;

import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.KeyValue;

/** Writes orders and changelogs. The seed is constant, so every run has the same orders. */
final class OrderPreload implements AutoCloseable {
    /** Maximum distance between a duplicate and its original, in records. */
    private static final int DUPLICATE_DISTANCE = 10_000;

    private static final int DUPLICATE_PERCENT = 5;
    private static final long SEED = 42;

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final String bootstrapServers;
    private final RecordWriter writer;

    /**
     * The changelog of a dedup store, from which a stream restores its store.
     *
     * @param record the changelog record for an order_id and the time in epoch milliseconds when it was first seen
     */
    record DedupStore(String changelog, BiFunction<byte[], Long, KeyValue<byte[], byte[]>> record) {}

    OrderPreload(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.writer = new RecordWriter(bootstrapServers);
    }

    /** Returns the number of distinct order_ids among the given number of orders. */
    static double distinctIds(int orders) {
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
                values[slot] = order(id);
            }
            writer.send(Topics.ORDERS, keys[slot], values[slot]);
        }
        writer.flush();
    }

    /** Sends one order without waiting for the broker. */
    void order() {
        String id = nextId();
        writer.send(Topics.ORDERS, utf8(id), order(id));
    }

    /** Creates the changelog of a store and fills it, so that a stream restores the store when it starts. */
    void changelog(DedupStore store, int ids) throws ExecutionException, InterruptedException {
        // The settings with which the shipped stream creates it.
        Map<String, String> config = Map.ofEntries(
                entry(TopicConfig.CLEANUP_POLICY_CONFIG, "compact,delete"),
                entry(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime"),
                entry(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(64 * 1024 * 1024)),
                entry(
                        TopicConfig.SEGMENT_MS_CONFIG,
                        Long.toString(Duration.ofHours(6).toMillis())));
        try (Admin admin =
                Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            NewTopic topic = new NewTopic(store.changelog(), Topics.DEFAULT_PARTITIONS, (short) 1);
            TopicSetup.create(admin, List.of(topic.configs(config)));
        }
        long now = System.currentTimeMillis();
        for (int i = 0; i < ids; i++) {
            KeyValue<byte[], byte[]> record = store.record().apply(utf8(nextId()), now);
            writer.send(store.changelog(), record.key, record.value);
        }
        writer.flush();
    }

    private String nextId() {
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] order(String id) {
        BigDecimal price = BigDecimal.valueOf(random.nextInt(1, 10_000), 2);
        return OrderJson.write(RecordWriter.order(id, random.nextInt(100_000), price, Instant.now()));
    }

    @Override
    public void close() {
        writer.close();
    }
}
