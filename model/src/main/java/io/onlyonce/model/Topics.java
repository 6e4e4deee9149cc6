package io.onlyonce.model;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** The topics of the contract. All are created explicitly, none by use: a misspelt name is an error. */
public final class Topics {
    /** What the ingest API accepted. */
    public static final String ORDERS = "orders";

    /** What the stream accepted: every order_id once. */
    public static final String PROCESSED = "orders.processed";

    /** What the stream had seen before. */
    public static final String DUPLICATES = "orders.duplicates";

    /** What is no order, with its bytes as they came; see {@link DeadLetter}. */
    public static final String DEAD_LETTERS = "orders.dlq";

    /** The contract's four, in the order of the flow. */
    public static final List<String> ALL = List.of(ORDERS, PROCESSED, DUPLICATES, DEAD_LETTERS);

    /**
     * Where Connect puts what it cannot store, one topic a connector (`NAME-sink.dlq`); one partition, as nothing is
     * expected there.
     */
    public static final List<String> SINK_DEAD_LETTERS =
            List.of("orders-sink.dlq", "processed-messages-sink.dlq", "duplicate-messages-sink.dlq");

    public static final int DEFAULT_PARTITIONS = 6;

    /** As long as the dedup memory by default: an order that can still be read again can still be recognised. */
    private static final Duration RETENTION = Duration.ofDays(7);

    /**
     * How long a record of `orders` may be read. Kafka deletes segments whole, by their newest record, and one takes up to
     * 7 days (segment.ms).
     */
    public static final Duration LONGEST_READABLE = RETENTION.plusDays(7);

    /**
     * A dead letter is what tells the audit that its record in `orders` was no order, so it must stay for as long as that
     * may, even where it is alone in its segment.
     */
    private static final Duration DEAD_LETTER_RETENTION = LONGEST_READABLE.plusDays(7);

    /** What the stream writes: the source's record and more, perhaps compressed less well than that was. */
    private static final Set<String> OUTPUTS = Set.of(PROCESSED, DUPLICATES, DEAD_LETTERS);

    private Topics() {}

    /**
     * @param partitions of each topic of the contract; `orders` and `orders.processed` have the same number, so that an
     *     order keeps its partition
     * @param replicationFactor copies of each partition; two of them must be in sync for a write where there are three
     */
    public static List<NewTopic> specifications(int partitions, int replicationFactor) {
        return Stream.concat(
                        ALL.stream().map(name -> new NewTopic(name, partitions, (short) replicationFactor)),
                        SINK_DEAD_LETTERS.stream().map(name -> new NewTopic(name, 1, (short) replicationFactor)))
                .map(topic -> topic.configs(configuration(topic.name(), Math.max(1, replicationFactor - 1))))
                .toList();
    }

    private static Map<String, String> configuration(String topic, int inSync) {
        Duration retention = topic.equals(DEAD_LETTERS) ? DEAD_LETTER_RETENTION : RETENTION;
        Map<String, String> config = new HashMap<>();
        config.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
        config.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(inSync));
        if (OUTPUTS.contains(topic)) {
            config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(DeadLetter.MAX_RECORD_BYTES));
        }
        return config;
    }
}
