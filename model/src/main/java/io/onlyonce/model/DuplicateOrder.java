package io.onlyonce.model;

import java.time.Instant;

/**
 * A record of {@code orders} whose order_id had been seen, as it stands in the topic {@code orders.duplicates}.
 *
 * @param orderId the id that came again
 * @param partition of {@code orders} that the duplicate was read from
 * @param offset of the duplicate in that partition
 * @param firstSeenAt timestamp of the record that was accepted
 * @param firstOffset offset of that record, in the same partition
 * @param detectedAt when the stream rejected the duplicate
 * @param consumerId which instance of the stream did
 */
public record DuplicateOrder(
        String orderId,
        int partition,
        long offset,
        Instant firstSeenAt,
        long firstOffset,
        Instant detectedAt,
        String consumerId) {
    public DuplicateOrder {
        detectedAt = Rules.instant("detected_at", detectedAt);
    }
}
