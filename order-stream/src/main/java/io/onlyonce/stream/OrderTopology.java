package io.onlyonce.stream;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * What happens to an order. The drawing is in docs/architecture.md.
 *
 * <pre>
 * orders -> decode -> dedup (seen-orders) -> orders.processed
 *              |         `-----------------> orders.duplicates
 *              `---------------------------> orders.dlq
 * </pre>
 *
 * Every node, store and topic has a name of its own: a name that Kafka Streams makes up changes with the topology, and a
 * store that changes its name has forgotten every order.
 */
final class OrderTopology {
    static final String APPLICATION_ID = "order-stream";
    static final String SOURCE = "orders-source";
    static final String DECODE = "decode";
    static final String DEDUP = "dedup";
    static final String PROCESSED_SINK = "processed-sink";
    static final String DUPLICATES_SINK = "duplicates-sink";
    static final String DEAD_LETTER_SINK = "dlq-sink";
    static final String SEEN_ORDERS = "seen-orders";
    static final String CHANGELOG = APPLICATION_ID + "-" + SEEN_ORDERS + "-changelog";

    /**
     * The changelog outlives the memory's own rule, which goes by the stream's time: a stream that was away for days
     * reads days late, and nothing may be missing then that still counts as seen. It reads what `orders` still has.
     */
    private static final Duration CHANGELOG_MARGIN = Topics.LONGEST_READABLE;

    private static final Deserializer<byte[]> READ = new ByteArrayDeserializer();
    private static final Serializer<byte[]> WRITE = new ByteArraySerializer();

    private OrderTopology() {}

    static Topology build(TopologySettings settings, Faults faults, OrderJournal journal) {
        return new Topology()
                .addSource(AutoOffsetReset.earliest(), SOURCE, new RecordTime(), READ, READ, Topics.ORDERS)
                .addProcessor(DECODE, () -> new DecodeProcessor(faults, journal), SOURCE)
                .addProcessor(DEDUP, () -> new DedupProcessor(settings, journal), DECODE)
                .addStateStore(seenOrders(settings.retention()), DEDUP)
                .addSink(PROCESSED_SINK, Topics.PROCESSED, WRITE, WRITE, DEDUP)
                .addSink(DUPLICATES_SINK, Topics.DUPLICATES, WRITE, WRITE, DEDUP)
                .addSink(DEAD_LETTER_SINK, Topics.DEAD_LETTERS, WRITE, WRITE, DECODE);
    }

    private static StoreBuilder<KeyValueStore<Bytes, byte[]>> seenOrders(Duration retention) {
        return Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(SEEN_ORDERS), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(changelogConfig(retention))
                // Every id is written once and hardly ever read again soon: a cache in front would only copy it.
                .withCachingDisabled();
    }

    static Map<String, String> changelogConfig(Duration retention) {
        return Map.of(
                // Deleting too lets it be emptied by a reset, and bounds it where the stream never sweeps again.
                TopicConfig.CLEANUP_POLICY_CONFIG,
                "compact,delete",
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.plus(CHANGELOG_MARGIN).toMillis()),
                // The retention counts from when an id was written, whatever an order's own timestamp says.
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime",
                // Only closed segments are compacted or deleted; the default closes one after 1 GiB or a week.
                TopicConfig.SEGMENT_BYTES_CONFIG,
                Integer.toString(64 * 1024 * 1024),
                TopicConfig.SEGMENT_MS_CONFIG,
                Long.toString(Duration.ofHours(6).toMillis()));
    }
}
