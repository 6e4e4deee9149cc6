package io.onlyonce.model;

/**
 * The headers of a record in {@code orders.dlq}. Key, value and the original's own headers stand unchanged beside them;
 * but see {@link #CUT}. All values are UTF-8 text.
 */
public final class DeadLetter {
    /** Why the record was refused, for a person. */
    public static final String REASON = "dlq.reason";

    public static final String TOPIC = "dlq.topic";

    public static final String PARTITION = "dlq.partition";

    public static final String OFFSET = "dlq.offset";

    /** When it was refused, ISO 8601. */
    public static final String REJECTED_AT = "dlq.rejected_at";

    /** How many bytes the original's value had, where it was too large to be kept: what is here is its beginning. */
    public static final String CUT = "dlq.cut_from_bytes";

    /**
     * The largest original that is kept whole: key, value and headers. A broker takes 1 MiB by default, but counts it
     * compressed.
     */
    public static final int MAX_ORIGINAL_BYTES = 8 * 1024 * 1024;

    /** What {@code orders.dlq} and who writes to it must take: the original and the headers beside it. */
    public static final int MAX_RECORD_BYTES = MAX_ORIGINAL_BYTES + 256 * 1024;

    /** How much is kept of a value, or of a key, that is cut. */
    public static final int CUT_BYTES = 1024 * 1024;

    private DeadLetter() {}
}
