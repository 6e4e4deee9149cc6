package io.onlyonce.model;

import java.time.Instant;

/**
 * An order that the stream accepted; the content of a record in {@code orders.processed}.
 *
 * @param processedAt the time of processing, truncated to microseconds
 * @param consumerId the stream instance that processed the order
 * @param partition the partition of {@code orders} that contains the order
 * @param offset the offset of the order in that partition
 */
public record ProcessedOrder(
        Order order,
        Instant processedAt,
        String consumerId,
        ProcessingMode processingMode,
        int partition,
        long offset) {
    /** The only value of the JSON field {@code status} in this topic. */
    public static final String STATUS = "processed";

    public ProcessedOrder {
        processedAt = Rules.instant("processed_at", processedAt);
    }
}
