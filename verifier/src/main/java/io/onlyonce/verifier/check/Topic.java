package io.onlyonce.verifier.check;

import java.util.Arrays;

/** The topics of the contract, in the order of the data flow. */
public enum Topic {
    ORDERS("orders"),
    PROCESSED("orders.processed"),
    DUPLICATES("orders.duplicates"),
    DEAD_LETTERS("orders.dlq");

    private final String wireName;

    Topic(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    public static Topic of(String wireName) {
        return Arrays.stream(values())
                .filter(topic -> topic.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown topic: " + wireName));
    }
}
