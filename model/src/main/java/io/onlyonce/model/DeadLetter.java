package io.onlyonce.model;

/**
 * The headers of a record in {@code orders.dlq}. Key, value and the original's own headers stand unchanged beside them.
 * All values are UTF-8 text.
 */
public final class DeadLetter {
    /** Why the record was refused, for a person. */
    public static final String REASON = "dlq.reason";

    public static final String TOPIC = "dlq.topic";

    public static final String PARTITION = "dlq.partition";

    public static final String OFFSET = "dlq.offset";

    /** When it was refused, ISO 8601. */
    public static final String REJECTED_AT = "dlq.rejected_at";

    private DeadLetter() {}
}
