package io.onlyonce.query.kafka;

/**
 * @param logStart the first offset that retention has not deleted
 * @param lastStable the last stable offset, where consumers of committed records stop
 * @param end the offset of the next record
 */
public record PartitionOffsets(long logStart, long lastStable, long end) {
    /** Returns the number of offsets after the first open transaction began. */
    public long open() {
        return end - lastStable;
    }

    /** Returns the number of offsets in the log, including transaction markers. */
    public long length() {
        return end - logStart;
    }
}
