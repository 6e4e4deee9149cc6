package io.onlyonce.query.audit;

/** An inconsistency of one order_id. An order_id can have several anomalies. */
enum Anomaly {
    /** Committed to `orders` and consumed by the stream, but neither processed nor a dead letter. */
    MISSING,
    /** More than one record in `orders.processed`, or more than one row in `processed_messages`. */
    DUPLICATED,
    /** A processed record or a row without a committed source record. */
    PHANTOM,
    /** Customer, items, amount, or time differ from the source record. */
    ALTERED,
    /** The connector consumed the processed record, but its row is missing. */
    ROWS_MISSING
}
