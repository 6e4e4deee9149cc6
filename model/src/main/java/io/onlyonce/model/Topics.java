package io.onlyonce.model;

import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.model.kafka.Sink;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** The topics of the contract. They are created explicitly, so that a misspelled name is an error. */
public final class Topics {
    /** Orders that the ingest API accepted. */
    public static final String ORDERS = "orders";

    /** Orders that the stream accepted, one for each order_id. */
    public static final String PROCESSED = "orders.processed";

    /** Orders that the stream rejected because their order_id is in the dedup store. */
    public static final String DUPLICATES = "orders.duplicates";

    /** Invalid records; see {@link DeadLetter}. */
    public static final String DEAD_LETTERS = "orders.dlq";

    /** The four topics of the contract, in the direction of the data flow. */
    public static final List<String> ALL = List.of(ORDERS, PROCESSED, DUPLICATES, DEAD_LETTERS);

    /** The topics of the records that Connect cannot store. They are usually empty and have one partition each. */
    public static final List<String> SINK_DEAD_LETTERS =
            Sink.allConnectors().stream().map(Sink::deadLetterTopic).toList();

    /** The largest record of the topics of the sink, and its headers. Also max.request.size of the connectors. */
    private static final int MAX_SINK_DEAD_LETTER_BYTES = 9 * 1024 * 1024;

    public static final int DEFAULT_PARTITIONS = 6;

    /**
     * The retention counts from the append. With CreateTime, it would count from a time that the producer chooses: a record
     * with an old timestamp could be deleted before it is read, and one with a timestamp in the future would be kept.
     */
    public static final String TIMESTAMP_TYPE = "LogAppendTime";

    /** Equal to the default retention of the dedup store, so that every readable order can be recognized. */
    private static final Duration RETENTION = Duration.ofDays(7);

    /**
     * The longest time for which a record of {@code orders} can be read. Kafka deletes whole segments, by the age of their
     * newest record, and fills a segment for up to 7 days (segment.ms).
     */
    public static final Duration LONGEST_READABLE = RETENTION.plusDays(7);

    /** The audit needs the dead letter for as long as it can read the invalid record in {@code orders}. */
    private static final Duration DEAD_LETTER_RETENTION = LONGEST_READABLE.plusDays(7);

    /** The topics of the stream. Their records can be larger than the source record, and compress less well. */
    private static final Set<String> OUTPUTS = Set.of(PROCESSED, DUPLICATES, DEAD_LETTERS);

    private Topics() {}

    /**
     * @param partitions of each of the four topics; {@code orders} and {@code orders.processed} are co-partitioned
     * @param replicationFactor all replicas except one must be in sync for a write
     */
    public static List<NewTopic> specifications(int partitions, int replicationFactor) {
        return Stream.concat(ALL.stream(), SINK_DEAD_LETTERS.stream())
                .map(name -> new NewTopic(name, ALL.contains(name) ? partitions : 1, (short) replicationFactor)
                        .configs(configuration(name, Math.max(1, replicationFactor - 1))))
                .toList();
    }

    private static Map<String, String> configuration(String topic, int minInSyncReplicas) {
        Duration retention = topic.equals(DEAD_LETTERS) ? DEAD_LETTER_RETENTION : RETENTION;
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        config.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, TIMESTAMP_TYPE);
        config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(minInSyncReplicas));
        if (OUTPUTS.contains(topic)) {
            config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(DeadLetter.MAX_RECORD_BYTES));
        }
        if (SINK_DEAD_LETTERS.contains(topic)) {
            config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_SINK_DEAD_LETTER_BYTES));
        }
        return config;
    }
}
