package io.onlyonce.model;

/** The delivery guarantee of the ingest API for an acknowledged order. */
public enum DeliveryMode {
    /** Idempotent producer and transactions: the order is committed exactly once. */
    EXACTLY_ONCE("exactly-once"),
    /** Acknowledged by all in-sync replicas. A retry can write the order twice. */
    AT_LEAST_ONCE("at-least-once"),
    /** Not acknowledged and not retried. The order can be lost. */
    AT_MOST_ONCE("at-most-once");

    private final String wireName;

    DeliveryMode(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name in JSON, metrics and settings. */
    public String wireName() {
        return wireName;
    }

    public static DeliveryMode of(String wireName) {
        return Rules.constant("delivery_mode", wireName, values(), DeliveryMode::wireName);
    }
}
