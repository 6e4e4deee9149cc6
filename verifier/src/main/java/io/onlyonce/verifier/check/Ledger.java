package io.onlyonce.verifier.check;

import java.util.concurrent.atomic.AtomicIntegerArray;

/** Records the requests and their responses in four bytes per order. Counts saturate at {@link #LIMIT}. Thread-safe. */
public final class Ledger {
    /** A count of this value means "at least". */
    static final int LIMIT = 255;

    private static final int ACKNOWLEDGED = 0;
    private static final int UNANSWERED = 8;
    private static final int REJECTED = 16;

    private final AtomicIntegerArray counts;

    /** @param capacity number of orders and sentinels */
    public Ledger(int capacity) {
        counts = new AtomicIntegerArray(capacity);
    }

    public int capacity() {
        return counts.length();
    }

    /** Records an attempt, which counts as unanswered until its response is recorded. */
    public void sending(int index) {
        add(index, UNANSWERED);
    }

    /** @return whether this is the first acknowledgement of the order */
    public boolean acknowledged(int index) {
        subtract(index, UNANSWERED);
        return add(index, ACKNOWLEDGED) == 0;
    }

    /** Records a 4xx response. */
    public void rejected(int index) {
        subtract(index, UNANSWERED);
        add(index, REJECTED);
    }

    /** Records that no connection could be opened, so that the request did not reach the system. */
    public void notSent(int index) {
        subtract(index, UNANSWERED);
    }

    public int acknowledgements(int index) {
        return count(index, ACKNOWLEDGED);
    }

    /** Returns the number of requests with no response or a 5xx response. Each may or may not have taken effect. */
    public int unanswered(int index) {
        return count(index, UNANSWERED);
    }

    public int rejections(int index) {
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
            // The true value of a saturated count is unknown.
            return count == LIMIT || count == 0 ? n : n - (1 << shift);
        });
    }
}
