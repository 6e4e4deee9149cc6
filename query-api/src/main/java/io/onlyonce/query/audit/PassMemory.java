package io.onlyonce.query.audit;

/**
 * Limits the memory of an audit pass. The number of passes is only an estimate, because order_ids, duplicates and shards
 * have different sizes.
 */
final class PassMemory {
    /** An entry of a hash map, an empty history, a fingerprint, and a string without its characters. */
    private static final int BYTES_PER_ORDER = 155;

    private static final int BYTES_PER_CHARACTER = 2;

    /** An element of a linked list or of a set. */
    private static final int BYTES_PER_ENTRY = 40;

    private final long limit;
    private long used;

    PassMemory(long limit) {
        this.limit = limit;
    }

    /** A pass needs more memory than the limit. The audit must start again with more passes. */
    static final class ExceededException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    void addOrder(String orderId) {
        add(BYTES_PER_ORDER + (long) BYTES_PER_CHARACTER * orderId.length());
    }

    void addEntry() {
        add(BYTES_PER_ENTRY);
    }

    private void add(long bytes) {
        used += bytes;
        if (used > limit) {
            throw new ExceededException();
        }
    }
}
