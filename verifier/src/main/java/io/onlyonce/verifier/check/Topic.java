package io.onlyonce.verifier.check;

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
}
