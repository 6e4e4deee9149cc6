package io.onlyonce.query.audit;

/** Packs the partition and the offset of a record into one long to save memory. An audit holds millions of them. */
final class RecordCoordinates {
    /** The coordinates of no record. */
    static final long NONE = -1;

    private static final int OFFSET_BITS = 48;

    private RecordCoordinates() {}

    static long of(int partition, long offset) {
        return (long) partition << OFFSET_BITS | offset;
    }

    static int partition(long coordinates) {
        return (int) (coordinates >>> OFFSET_BITS);
    }

    static long offset(long coordinates) {
        return coordinates & ((1L << OFFSET_BITS) - 1);
    }
}
