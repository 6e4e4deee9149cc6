package io.onlyonce.verifier;

import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * What was sent and how it was answered: four bytes an order, whose content the {@link Plan} can tell again.
 *
 * <p>An attempt is first noted as open and then as answered, so that a run which ends early errs on the safe side. Each
 * count stops at 255. Safe for use by many threads.
 */
final class Ledger {
    /** From here on a count says "at least". */
    static final int LIMIT = 255;

    private static final int ACKNOWLEDGED = 0;
    private static final int UNANSWERED = 8;
    private static final int REJECTED = 16;

    private final AtomicIntegerArray counts;

    /** @param capacity orders and sentinels together */
    Ledger(int capacity) {
        counts = new AtomicIntegerArray(capacity);
    }

    int capacity() {
        return counts.length();
    }

    /** A request with this order leaves now. Until it is answered it counts as unanswered. */
    void sending(int index) {
        add(index, UNANSWERED);
    }

    /**
     * The system has said that it has the order.
     *
     * @return whether it said so for the first time
     */
    boolean acknowledged(int index) {
        subtract(index, UNANSWERED);
        return add(index, ACKNOWLEDGED) == 0;
    }

    /** The system has said, with a 4xx, that it does not take the order. */
    void rejected(int index) {
        subtract(index, UNANSWERED);
        add(index, REJECTED);
    }

    /** The request never reached the system: no connection came about. */
    void notSent(int index) {
        subtract(index, UNANSWERED);
    }

    int acknowledgements(int index) {
        return count(index, ACKNOWLEDGED);
    }

    /** Sends without an answer, or with a 5xx: each may have been carried out, or not. */
    int unanswered(int index) {
        return count(index, UNANSWERED);
    }

    int rejections(int index) {
        return count(index, REJECTED);
    }

    private int count(int index, int shift) {
        return (counts.get(index) >>> shift) & LIMIT;
    }

    /** @return the count before */
    private int add(int index, int shift) {
        int before = counts.getAndUpdate(index, n -> ((n >>> shift) & LIMIT) == LIMIT ? n : n + (1 << shift));
        return (before >>> shift) & LIMIT;
    }

    private void subtract(int index, int shift) {
        counts.getAndUpdate(index, n -> {
            int count = (n >>> shift) & LIMIT;
            // Once at the limit the true count is unknown, and stays so.
            return count == LIMIT || count == 0 ? n : n - (1 << shift);
        });
    }
}
