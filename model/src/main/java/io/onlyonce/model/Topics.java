package io.onlyonce.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
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
     * A dead letter is what tells the audit that its record in `orders` was no order, so it must stay for as long as that
     * record. Kafka deletes segments whole, by their newest record, and one takes up to 7 days (segment.ms): a record of
     * a busy partition stays for up to 14 days, a dead letter alone in its segment for hardly more than its retention.
     */
    private static final Duration DEAD_LETTER_RETENTION = RETENTION.multipliedBy(3);

    private Topics() {}

    /**
     * @param partitions of each topic of the contract; `orders` and `orders.processed` have the same number, so that an
     *     order keeps its partition
     * @param replicationFactor copies of each partition; two of them must be in sync for a write where there are three
     */
    public static List<NewTopic> specifications(int partitions, int replicationFactor) {
        String inSync = Integer.toString(Math.max(1, replicationFactor - 1));
        return Stream.concat(
                        ALL.stream().map(name -> new NewTopic(name, partitions, (short) replicationFactor)),
                        SINK_DEAD_LETTERS.stream().map(name -> new NewTopic(name, 1, (short) replicationFactor)))
                .map(topic -> topic.configs(Map.of(
                        TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(retention(topic).toMillis()),
                        TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                        inSync)))
                .toList();
    }

    private static Duration retention(NewTopic topic) {
        return topic.name().equals(DEAD_LETTERS) ? DEAD_LETTER_RETENTION : RETENTION;
    }
}
