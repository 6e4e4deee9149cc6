package io.onlyonce.model;

/** What the ingest API promises of an order that it acknowledged. */
public enum DeliveryMode {
    /** Idempotent producer and transactions: committed once, or not at all. */
    EXACTLY_ONCE("exactly-once"),
    /** Acknowledged by all replicas; a retry may write it twice. */
    AT_LEAST_ONCE("at-least-once"),
    /** Sent and not looked after: it may be lost. */
    AT_MOST_ONCE("at-most-once");

    private final String wireName;

    DeliveryMode(String wireName) {
        this.wireName = wireName;
    }

    /** The name in JSON, metrics and settings. */
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException where no mode has that name; the message lists those that exist */
    public static DeliveryMode of(String wireName) {
        return WireNames.find(values(), DeliveryMode::wireName, "delivery_mode", wireName);
    }
}
