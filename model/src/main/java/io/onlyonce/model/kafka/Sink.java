package io.onlyonce.model.kafka;

import io.onlyonce.model.Topics;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sinks with which Kafka Connect can write the tables, and the names of their connectors. The environment variable
 * {@code SINK} of the setup and of the query API selects a sink.
 */
public enum Sink {
    /** One connector writes all tables. It stores its offsets in the same PostgreSQL transaction as the rows. */
    TRANSACTIONAL("postgres-sink", "postgres-sink", "postgres-sink"),
    /** One Debezium connector for each table. Its writes are idempotent by key. */
    DEBEZIUM("orders-sink", "processed-messages-sink", "duplicate-messages-sink");

    private static final String DEAD_LETTER_SUFFIX = ".dlq";

    private final String orders;
    private final String processedMessages;
    private final String duplicateMessages;

    Sink(String orders, String processedMessages, String duplicateMessages) {
        this.orders = orders;
        this.processedMessages = processedMessages;
        this.duplicateMessages = duplicateMessages;
    }

    /** Returns the sink that the variable {@code SINK} selects. The default is {@link #TRANSACTIONAL}. */
    public static Sink of(Map<String, String> environment) {
        String name = environment.getOrDefault("SINK", "");
        return name.isBlank() ? TRANSACTIONAL : of(name);
    }

    /**
     * Returns the sink with a name.
     *
     * @throws IllegalArgumentException if the name is neither transactional nor debezium
     */
    public static Sink of(String name) {
        return Stream.of(values())
                .filter(sink -> sink.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("SINK must be one of %s, but is \"%s\""
                        .formatted(Stream.of(values()).map(Sink::wireName).collect(Collectors.joining(", ")), name)));
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the connector that writes the table {@code orders}. */
    public String ordersConnector() {
        return orders;
    }

    /** Returns the connector that writes the table {@code processed_messages}. */
    public String processedMessagesConnector() {
        return processedMessages;
    }

    /** Returns the connector that writes the table {@code duplicate_messages}. */
    public String duplicateMessagesConnector() {
        return duplicateMessages;
    }

    public List<String> connectors() {
        return Stream.of(orders, processedMessages, duplicateMessages)
                .distinct()
                .toList();
    }

    /** Returns the consumer group of each connector, with the topics that the connector reads. */
    public Map<String, Set<String>> topicsByGroup() {
        Map<String, Set<String>> topics = new LinkedHashMap<>();
        add(topics, orders, Topics.PROCESSED);
        add(topics, processedMessages, Topics.PROCESSED);
        add(topics, duplicateMessages, Topics.DUPLICATES);
        return topics;
    }

    private static void add(Map<String, Set<String>> topics, String connector, String topic) {
        topics.computeIfAbsent(ConsumerGroups.ofConnector(connector), group -> new LinkedHashSet<>())
                .add(topic);
    }

    /** Returns the connectors of all sinks. Only the connectors of one sink are in use. */
    public static List<String> allConnectors() {
        return Arrays.stream(values())
                .flatMap(sink -> sink.connectors().stream())
                .toList();
    }

    /** Returns the topic to which Connect sends the records that the connector cannot store. */
    public static String deadLetterTopic(String connector) {
        return connector + DEAD_LETTER_SUFFIX;
    }

    /** Returns the connector whose dead letters the topic contains. */
    public static String connectorOf(String deadLetterTopic) {
        return deadLetterTopic.substring(0, deadLetterTopic.length() - DEAD_LETTER_SUFFIX.length());
    }
}
