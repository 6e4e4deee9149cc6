package io.onlyonce.model;

import java.time.Instant;

/**
 * An order that the stream accepted, as it stands in the topic {@code orders.processed}.
 *
 * @param order the order, unchanged
 * @param processedAt when the stream processed it, to the microsecond
 * @param consumerId which instance of the stream did
 * @param processingMode the guarantee it ran with
 * @param partition of {@code orders} that the order was read from
 * @param offset in that partition
 */
public record ProcessedOrder(
        Order order,
        Instant processedAt,
        String consumerId,
        ProcessingMode processingMode,
        int partition,
        long offset) {
    /** The value of the JSON field {@code status}: an order on this topic has no other. */
    public static final String STATUS = "processed";

    public ProcessedOrder {
        processedAt = Rules.instant("processed_at", processedAt);
    }
}
