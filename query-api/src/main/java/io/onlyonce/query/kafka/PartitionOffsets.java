package io.onlyonce.query.kafka;

/**
 * @param logStart first offset that retention and deletion have left
 * @param lastStable up to here every transaction has ended: what a reader of committed records may see
 * @param end the offset of the next record
 */
public record PartitionOffsets(long logStart, long lastStable, long end) {
    /** Offsets that wait for a transaction to end. */
    public long open() {
        return end - lastStable;
    }
}
