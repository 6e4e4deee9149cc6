package io.onlyonce.verifier;

import java.util.Arrays;

/**
 * Eight flags for every offset of a topic since the run began: one byte each, in an array a partition.
 *
 * <p>Transaction markers and withdrawn records take a byte as well, which stays 0: nothing committed stands there.
 */
final class Offsets {
    private final long[] starts;
    private final byte[][] flags;

    /** @param starts the first offset of the run, by partition */
    Offsets(long[] starts) {
        this.starts = starts.clone();
        this.flags = new byte[starts.length][0];
    }

    int partitions() {
        return starts.length;
    }

    /** Whether the place lies in the topic at all, at or behind the run's first offset. */
    boolean isOfThisRun(int partition, long offset) {
        return partition >= 0 && partition < starts.length && offset >= starts[partition];
    }

    /** Whether the place lies before the run's first offset. */
    boolean isEarlier(int partition, long offset) {
        return partition >= 0 && partition < starts.length && offset >= 0 && offset < starts[partition];
    }

    boolean has(int partition, long offset, int flag) {
        return (get(partition, offset) & flag) != 0;
    }

    /** All eight flags; none where the place is not of this run. */
    int get(int partition, long offset) {
        if (!isOfThisRun(partition, offset)) {
            return 0;
        }
        long at = offset - starts[partition];
        return at < flags[partition].length ? flags[partition][(int) at] & 0xFF : 0;
    }

    /** @throws IllegalArgumentException where {@link #isOfThisRun} does not hold */
    void set(int partition, long offset, int flag) {
        if (!isOfThisRun(partition, offset)) {
            throw new IllegalArgumentException(
                    "offset %d of partition %d is not of this run".formatted(offset, partition));
        }
        int at = Math.toIntExact(offset - starts[partition]);
        byte[] array = flags[partition];
        if (at >= array.length) {
            // By an eighth, so that little is held in vain; and never less than 4 KiB.
            array = Arrays.copyOf(array, Math.max(at + 1, array.length + array.length / 8 + 4096));
            flags[partition] = array;
        }
        array[at] |= (byte) flag;
    }

    interface Place {
        void at(int partition, long offset);
    }

    /** Visits the places that have the one flag and lack the other. */
    void forEach(int with, int without, Place place) {
        for (int partition = 0; partition < flags.length; partition++) {
            byte[] array = flags[partition];
            for (int at = 0; at < array.length; at++) {
                if ((array[at] & with) != 0 && (array[at] & without) == 0) {
                    place.at(partition, starts[partition] + at);
                }
            }
        }
    }
}
