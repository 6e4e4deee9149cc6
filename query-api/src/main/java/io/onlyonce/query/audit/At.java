package io.onlyonce.query.audit;

/** A record's partition and offset in one long: an audit holds millions of them. */
final class At {
    private static final int OFFSET_BITS = 48;
    private static final long OFFSET_MASK = (1L << OFFSET_BITS) - 1;

    /** No record stands here. */
    static final long NOWHERE = -1;

    private At() {}

    static long of(int partition, long offset) {
        return (long) partition << OFFSET_BITS | offset;
    }

    static int partition(long at) {
        return (int) (at >>> OFFSET_BITS);
    }

    static long offset(long at) {
        return at & OFFSET_MASK;
    }
}
