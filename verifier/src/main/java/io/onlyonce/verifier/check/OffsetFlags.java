package io.onlyonce.verifier.check;

import java.util.Arrays;
import java.util.function.BiConsumer;

/** Eight flags for every offset of a topic since the start of the run. Those of an offset without a record are 0. */
final class OffsetFlags {
    private final long[] starts;
    private final byte[][] flags;

    /** @param starts the first offset of the run, by partition */
    OffsetFlags(long[] starts) {
        this.starts = starts.clone();
        this.flags = new byte[starts.length][0];
    }

    boolean isEarlier(long partition, long offset) {
        return isPartition(partition) && offset >= 0 && offset < starts[(int) partition];
    }

    private boolean isPartition(long partition) {
        return partition >= 0 && partition < starts.length;
    }

    boolean has(long partition, long offset, int flag) {
        return (get(partition, offset) & flag) != 0;
    }

    /** Returns all eight flags; 0 if the offset is not in this run. */
    int get(long partition, long offset) {
        if (!isPartition(partition)) {
            return 0;
        }
        long at = offset - starts[(int) partition];
        byte[] array = flags[(int) partition];
        return at >= 0 && at < array.length ? array[(int) at] & 0xFF : 0;
    }

    /** Sets a flag of an offset of this run. */
    void set(int partition, long offset, int flag) {
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
