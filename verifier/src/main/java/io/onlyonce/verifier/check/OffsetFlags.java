package io.onlyonce.verifier.check;

import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Stores eight flags for every offset of a topic since the start of the run, in one byte per offset.
 *
 * <p>The byte of a transaction marker or an aborted record stays 0, because neither is a committed record.
 */
final class OffsetFlags {
    private final long[] starts;
    private final byte[][] flags;

    /** @param starts the first offset of the run, by partition */
    OffsetFlags(long[] starts) {
        this.starts = starts.clone();
        this.flags = new byte[starts.length][0];
    }

    private boolean isOfThisRun(int partition, long offset) {
        return partition >= 0 && partition < starts.length && offset >= starts[partition];
    }

    boolean isEarlier(int partition, long offset) {
        return partition >= 0 && partition < starts.length && offset >= 0 && offset < starts[partition];
    }

    boolean has(int partition, long offset, int flag) {
        return (get(partition, offset) & flag) != 0;
    }

    /** Returns all eight flags; 0 if the offset is not in this run. */
    int get(int partition, long offset) {
        if (!isOfThisRun(partition, offset)) {
            return 0;
        }
        long at = offset - starts[partition];
        return at < flags[partition].length ? flags[partition][(int) at] & 0xFF : 0;
    }

    /** @throws IllegalArgumentException if the offset is not in this run */
    void set(int partition, long offset, int flag) {
        if (!isOfThisRun(partition, offset)) {
            throw new IllegalArgumentException(
                    "partition %d, offset %d is not in this run".formatted(partition, offset));
        }
        int at = Math.toIntExact(offset - starts[partition]);
        byte[] array = flags[partition];
        if (at >= array.length) {
            array = Arrays.copyOf(array, Math.max(at + 1, array.length + array.length / 8 + 4096));
            flags[partition] = array;
        }
        array[at] |= (byte) flag;
    }

    /** Passes partition and offset of every record that has one flag and not the other. */
    void forEach(int with, int without, BiConsumer<Integer, Long> action) {
        for (int partition = 0; partition < flags.length; partition++) {
            byte[] array = flags[partition];
            for (int at = 0; at < array.length; at++) {
                if ((array[at] & with) != 0 && (array[at] & without) == 0) {
                    action.accept(partition, starts[partition] + at);
                }
            }
        }
    }
}
