package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;

/**
 * What a client may change at runtime.
 *
 * @param enableTransactions whether exactly-once writes in transactions; without them it is an idempotent producer, which
 *     writes each record once but knows no batches. Of no effect in the other modes
 */
public record DeliverySettings(DeliveryMode mode, boolean enableTransactions) {
    /** Whether records are written in transactions: only then is there all or nothing. */
    public boolean transactional() {
        return mode == DeliveryMode.EXACTLY_ONCE && enableTransactions;
    }
}
