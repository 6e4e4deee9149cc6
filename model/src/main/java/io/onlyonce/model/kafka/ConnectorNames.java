package io.onlyonce.model.kafka;

import java.util.List;

/** The sink's connectors in Kafka Connect. */
public final class ConnectorNames {
    public static final String ORDERS = "orders-sink";
    public static final String PROCESSED_MESSAGES = "processed-messages-sink";
    public static final String DUPLICATE_MESSAGES = "duplicate-messages-sink";
    public static final List<String> ALL = List.of(ORDERS, PROCESSED_MESSAGES, DUPLICATE_MESSAGES);

    private ConnectorNames() {}

    /** Returns the topic to which Connect sends the records that the connector cannot store. */
    public static String deadLetterTopic(String connector) {
        return connector + ".dlq";
    }
}
