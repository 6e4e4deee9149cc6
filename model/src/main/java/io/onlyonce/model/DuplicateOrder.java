package io.onlyonce.model;

import java.time.Instant;

/**
 * A record of {@code orders} whose order_id is in the dedup store; the content of a record in {@code orders.duplicates}.
 *
 * @param partition the partition of {@code orders} that contains the duplicate and the first record
 * @param offset the offset of the duplicate
 * @param firstSeenAt the timestamp of the first record with this order_id
 * @param firstOffset the offset of the first record
 * @param detectedAt the time at which the stream rejected the duplicate
 * @param consumerId the stream instance that rejected the duplicate
 * @param conflictingOrder the duplicate itself, if its content differs from the first record's; otherwise null
 */
public record DuplicateOrder(
        String orderId,
        int partition,
        long offset,
        Instant firstSeenAt,
        long firstOffset,
        Instant detectedAt,
        String consumerId,
        Order conflictingOrder) {
    public DuplicateOrder {
        detectedAt = Rules.instant("detected_at", detectedAt);
    }

    /** Returns true if the content of the duplicate differs from the first record's. */
    public boolean isConflict() {
        return conflictingOrder != null;
    }
}
