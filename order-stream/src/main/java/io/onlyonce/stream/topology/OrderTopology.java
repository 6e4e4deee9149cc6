package io.onlyonce.stream.topology;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Deduplicates orders. docs/architecture.md shows the complete data flow.
 *
 * <pre>
 * orders -> decode -> dedup (seen-orders) -> orders.processed
 *              |         `-----------------> orders.duplicates
 *              `---------------------------> orders.dlq
 * </pre>
 *
 * Every node, store and topic has an explicit name. A generated name would change with the topology. If the name of the
 * store changed, Kafka Streams would start with an empty store and emit every order again.
 */
public final class OrderTopology {
    public static final String APPLICATION_ID = ConsumerGroups.ORDER_STREAM;
    static final String SOURCE = "orders-source";
    public static final String DECODE = "decode";
    static final String DEDUP = "dedup";
    static final String PROCESSED_SINK = "processed-sink";
    static final String DUPLICATES_SINK = "duplicates-sink";
    static final String DEAD_LETTER_SINK = "dlq-sink";
    public static final String SEEN_ORDERS = "seen-orders";
    public static final String CHANGELOG = APPLICATION_ID + "-" + SEEN_ORDERS + "-changelog";

    /**
     * Added to the retention, because entries expire by stream time: after a pause, the stream reads orders that are up to
     * this old, and must still find the entries that have not expired by then.
     */
    private static final Duration CHANGELOG_MARGIN = Topics.LONGEST_READABLE;

    private static final Deserializer<byte[]> READ = new ByteArrayDeserializer();
    private static final Serializer<byte[]> WRITE = new ByteArraySerializer();

    private OrderTopology() {}

    /** Builds the topology. The configuration can name a {@code processor.wrapper.class}. */
    public static Topology build(TopologyConfig config, TopologySettings settings, OrderListener listener) {
        StoreBuilder<?> seenOrders = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(SEEN_ORDERS), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(changelogConfig(settings.retention()))
                // Each id is written once and rarely read soon after, so a cache would only add a copy.
                .withCachingDisabled();
        return new Topology(config)
                .addSource(AutoOffsetReset.earliest(), SOURCE, OrderTopology::timestamp, READ, READ, Topics.ORDERS)
                .addProcessor(DECODE, () -> new DecodeProcessor(listener), SOURCE)
                .addProcessor(DEDUP, () -> new DedupProcessor(settings, listener), DECODE)
                .addStateStore(seenOrders, DEDUP)
                .addSink(PROCESSED_SINK, Topics.PROCESSED, WRITE, WRITE, DEDUP)
                .addSink(DUPLICATES_SINK, Topics.DUPLICATES, WRITE, WRITE, DEDUP)
                .addSink(DEAD_LETTER_SINK, Topics.DEAD_LETTERS, WRITE, WRITE, DECODE);
    }

    /**
     * Returns the record's timestamp. If the record has none, returns the partition's time; the default extractor would
     * stop the stream.
     */
    static long timestamp(ConsumerRecord<Object, Object> record, long partitionTime) {
        if (record.timestamp() >= 0) {
            return record.timestamp();
        }
        return partitionTime >= 0 ? partitionTime : System.currentTimeMillis();
    }

    public static Map<String, String> changelogConfig(Duration retention) {
        return Map.of(
                // "delete" allows a reset to empty the topic, and bounds it if the stream is never started again.
                TopicConfig.CLEANUP_POLICY_CONFIG,
                "compact,delete",
                TopicConfig.RETENTION_MS_CONFIG,
                Long.toString(retention.plus(CHANGELOG_MARGIN).toMillis()),
                // The retention counts from the append, not from the timestamp of the order.
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime",
                // Only closed segments are compacted or deleted. By default, a segment closes after 1 GiB or a week.
                TopicConfig.SEGMENT_BYTES_CONFIG,
                Integer.toString(64 * 1024 * 1024),
                TopicConfig.SEGMENT_MS_CONFIG,
                Long.toString(Duration.ofHours(6).toMillis()));
    }
}
