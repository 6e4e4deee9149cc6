package io.onlyonce.query.kafka;

import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * The unread records of one partition, as far as {@link LogScanner} has scanned them. Offsets alone are not sufficient,
 * because transaction markers and aborted records have offsets, too. Not thread-safe.
 */
final class Backlog {
    /**
     * A longer range of offsets is scanned only up to its first record, because the scan of a large backlog costs as much
     * as its processing.
     */
    static final int MAX_COUNTED_OFFSETS = 2_000;

    private record Unread(long offset, long timestamp) {}

    private final ArrayDeque<Unread> found = new ArrayDeque<>();
    private long next;
    private long scannedTo;
    private long end;

    /**
     * Sets the range of the unread offsets. Keeps the records in it that were found.
     *
     * @param newNext the next offset that the consumer reads
     * @param newEnd the end of the readable offsets (exclusive)
     */
    void moveTo(long newNext, long newEnd) {
        if (newNext < next || newNext > scannedTo || newEnd < scannedTo) {
            found.clear();
            scannedTo = newNext;
        }
        while (!found.isEmpty() && found.getFirst().offset() < newNext) {
            found.removeFirst();
        }
        next = newNext;
        end = newEnd;
    }

    boolean isScanned() {
        return scannedTo >= end || (end - next > MAX_COUNTED_OFFSETS && !found.isEmpty());
    }

    /** Returns the offset at which the scan continues. */
    long scannedTo() {
        return scannedTo;
    }

    void addRecord(long offset, long timestamp) {
        if (offset < end) {
            found.addLast(new Unread(offset, timestamp));
        }
    }

    void scannedTo(long position) {
        scannedTo = Math.min(position, end);
    }

    /** Returns the offsets from the first unread record to the end; 0 if only transaction markers remain. */
    long offsets() {
        return Math.max(0, end - (found.isEmpty() ? scannedTo : found.getFirst().offset()));
    }

    /** Returns the number of unread records; an upper bound if they were not all scanned. */
    long records() {
        return recordsFrom(next);
    }

    /** Returns the number of unread records from the offset on. */
    long recordsFrom(long offset) {
        return found.stream().filter(record -> record.offset() >= offset).count()
                + Math.max(0, end - Math.max(scannedTo, offset));
    }

    /** Returns the timestamp of the first unread record. */
    OptionalLong oldest() {
        return found.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(found.getFirst().timestamp());
    }
}
