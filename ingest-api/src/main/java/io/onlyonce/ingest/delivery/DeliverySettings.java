package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;

/**
 * The settings that {@code POST /config} changes.
 *
 * @param enableTransactions whether exactly-once uses transactions. Without them, the producer is only idempotent, and
 *     batches are not possible. The other modes ignore this value
 */
public record DeliverySettings(DeliveryMode mode, boolean enableTransactions) {
    /** Whether records are written in transactions, which batches require. */
    public boolean transactional() {
        return mode == DeliveryMode.EXACTLY_ONCE && enableTransactions;
    }
}
