package io.onlyonce.model.kafka;

/**
 * Headers and limits of the records in {@code orders.dlq}. All header values are UTF-8 text. Key, value and the headers
 * of the original record are unchanged; see {@link #CUT} for the exception.
 */
public final class DeadLetter {
    /** The reason for the rejection, in English. */
    public static final String REASON = "dlq.reason";

    public static final String TOPIC = "dlq.topic";
    public static final String PARTITION = "dlq.partition";
    public static final String OFFSET = "dlq.offset";

    /** The time of the rejection, ISO 8601. */
    public static final String REJECTED_AT = "dlq.rejected_at";

    /** The size of the original value in bytes, if the value was too large and only its beginning was kept. */
    public static final String CUT = "dlq.cut_from_bytes";

    /**
     * The largest original record (key, value and headers) that is kept completely. A broker accepts 1 MiB by default,
     * but measures the compressed size.
     */
    public static final int MAX_ORIGINAL_BYTES = 8 * 1024 * 1024;

    /** The record size that {@code orders.dlq} and its producer must accept: the original and the added headers. */
    public static final int MAX_RECORD_BYTES = MAX_ORIGINAL_BYTES + 256 * 1024;

    /** The number of bytes that are kept of a value or key that is cut. */
    public static final int CUT_BYTES = 1024 * 1024;

    private DeadLetter() {}
}
