package io.onlyonce.model.kafka;

/** The consumer groups that read the topics. */
public final class ConsumerGroups {
    /** The group of order-stream, equal to its {@code application.id}. */
    public static final String ORDER_STREAM = "order-stream";

    /** Kafka Connect's default prefix for the group of a sink connector. */
    private static final String CONNECT_PREFIX = "connect-";

    private ConsumerGroups() {}

    public static String ofConnector(String connector) {
        return CONNECT_PREFIX + connector;
    }

    public static boolean isOfConnector(String group) {
        return group.startsWith(CONNECT_PREFIX);
    }
}
