package io.onlyonce.query.audit;

import com.fasterxml.jackson.annotation.JsonProperty;

/** An inconsistency of one order_id. An order_id can have several anomalies. */
enum Anomaly {
    /** Committed to `orders` and consumed by the stream, but neither processed nor a dead letter. */
    @JsonProperty("missing")
    MISSING,
    /** More than one record in `orders.processed`, or more than one row in `processed_messages`. */
    @JsonProperty("duplicated")
    DUPLICATED,
    /** A processed record or a row without a committed source record. */
    @JsonProperty("phantom")
    PHANTOM,
    /** Customer, items, amount, or time differ from the source record. */
    @JsonProperty("altered")
    ALTERED,
    /** The connector consumed the processed record, but its row is missing. */
    @JsonProperty("rows_missing")
    ROWS_MISSING,
    /** The stream rejected a duplicate with other content without keeping it as a conflict. */
    @JsonProperty("unmarked_conflicts")
    UNMARKED_CONFLICTS
}
