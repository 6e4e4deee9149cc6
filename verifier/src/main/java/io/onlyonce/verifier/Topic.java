package io.onlyonce.verifier;

import java.util.Arrays;

/** The contract's topics, in the order of the flow. */
enum Topic {
    ORDERS("orders"),
    PROCESSED("orders.processed"),
    DUPLICATES("orders.duplicates"),
    DEAD_LETTERS("orders.dlq");

    private final String wireName;

    Topic(String wireName) {
        this.wireName = wireName;
    }

    String wireName() {
        return wireName;
    }

    static Topic of(String wireName) {
        return Arrays.stream(values())
                .filter(topic -> topic.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no topic of the contract: " + wireName));
    }
}
