package io.onlyonce.query.audit;

/** What can be wrong with an order_id. One id may show several. */
enum Fault {
    /** Committed to `orders` and passed by the stream, yet neither processed nor a dead letter. */
    MISSING,
    /** More than one record in `orders.processed`, or more than one row in `processed_messages`. */
    DUPLICATED,
    /** A processed record, or a row, that no committed record accounts for. */
    PHANTOM,
    /** Customer, items, money or time differ from the source's. */
    ALTERED,
    /** The connector has committed past the processed record, and a row is missing. */
    ROWS_MISSING
}
