package io.onlyonce.query.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The answer of {@code GET /audit}. The first five counts are faults, each in order_ids.
 *
 * @param missing committed, passed by the stream, and neither processed nor a dead letter
 * @param duplicated with more than one processed record, or row
 * @param phantom processed, or in a table, without a committed source
 * @param altered that say something else than their source
 * @param rowsMissing processed and passed by the connector, without a row
 * @param sourceDeleted whose source retention has deleted: not a fault, and no longer comparable
 * @param orders distinct order_ids that the stream had passed and that are no dead letters
 * @param deadLetters records of `orders` in `orders.dlq`
 * @param processedRecords records of `orders.processed`
 * @param orderRows rows of `orders`
 * @param processedRows rows of `processed_messages`
 * @param passes over shares of the ids, so that memory stays bounded
 * @param lookedAt what of each partition was judged
 */
record AuditReport(
        Verdict verdict,
        long missing,
        long duplicated,
        long phantom,
        long altered,
        long rowsMissing,
        long sourceDeleted,
        long orders,
        long deadLetters,
        long processedRecords,
        long orderRows,
        long processedRows,
        int passes,
        long elapsedMs,
        Examples examples,
        List<LookedAt> lookedAt) {
    enum Verdict {
        @JsonProperty("ok")
        OK,
        @JsonProperty("violations")
        VIOLATIONS
    }

    /** At most ten each. */
    record Examples(
            List<Example> missing,
            List<Example> duplicated,
            List<Example> phantom,
            List<Example> altered,
            List<Example> rowsMissing) {}

    /**
     * @param orderId null for a record that is no order
     * @param partition of `orders` where its source is; null where it has none
     * @param offset of the source
     */
    record Example(String orderId, Integer partition, Long offset) {
        static Example of(String orderId, long source) {
            return source == At.NOWHERE
                    ? new Example(orderId, null, null)
                    : new Example(orderId, At.partition(source), At.offset(source));
        }
    }

    /**
     * @param from first offset that is left in the log
     * @param to first offset that was not judged: for `orders` what the stream had committed, for the others the end of
     *     what was committed
     */
    record LookedAt(String topic, int partition, long from, long to) {}
}
