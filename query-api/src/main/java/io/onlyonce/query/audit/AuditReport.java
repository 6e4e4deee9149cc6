package io.onlyonce.query.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of an audit. The counts up to `unmarkedConflicts` are anomalies and count order_ids; see {@link
 * Anomaly}.
 *
 * @param conflicts duplicates with other content that the stream detected and kept; not an anomaly
 * @param notStored order_ids in `orders` without a row in both tables, without dead letters; not an anomaly
 * @param notStoredSince the time at which the oldest of them was appended to `orders`; null if there is none
 * @param sourceDeleted order_ids that cannot be compared because retention deleted a source record; not an anomaly
 * @param orders order_ids that the stream consumed, without dead letters
 * @param deadLetters records of `orders` that are in `orders.dlq`
 * @param processedRecords records of `orders.processed`
 * @param orderRows rows of `orders`
 * @param processedRows rows of `processed_messages`
 * @param passes number of shards of the order_ids, which were read one after the other to limit the memory
 * @param examples at most ten of each anomaly
 * @param lookedAt the audited range of each partition
 */
public record AuditReport(
        Verdict verdict,
        long missing,
        long duplicated,
        long phantom,
        long altered,
        long rowsMissing,
        long unmarkedConflicts,
        long conflicts,
        long notStored,
        @Nullable Instant notStoredSince,
        long sourceDeleted,
        long orders,
        long deadLetters,
        long processedRecords,
        long orderRows,
        long processedRows,
        int passes,
        long elapsedMs,
        Map<Anomaly, List<Example>> examples,
        List<LookedAt> lookedAt) {
    public enum Verdict {
        @JsonProperty("ok")
        OK,
        /** No anomaly, but an order has not been stored for more than a minute. */
        @JsonProperty("delayed")
        DELAYED,
        @JsonProperty("violations")
        VIOLATIONS
    }

    /**
     * @param orderId null if the record is not a valid order
     * @param partition partition of the source in `orders`; null if the source does not exist
     * @param offset offset of the source; null if the source does not exist
     */
    public record Example(
            @Nullable String orderId,
            @Nullable Integer partition,
            @Nullable Long offset) {
        static Example of(String orderId, long source) {
            return source == RecordCoordinates.NONE
                    ? new Example(orderId, null, null)
                    : new Example(orderId, RecordCoordinates.partition(source), RecordCoordinates.offset(source));
        }
    }

    /**
     * @param from log start offset
     * @param to end (exclusive): the committed offset of the stream for `orders`, the last stable offset for
     *     `orders.processed`
     */
    public record LookedAt(String topic, int partition, long from, long to) {}
}
