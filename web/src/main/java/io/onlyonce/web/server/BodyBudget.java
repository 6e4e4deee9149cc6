package io.onlyonce.web.server;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits the number of bytes in the bodies of all requests in flight. A request reserves bytes before it buffers them, and
 * releases them when its response is complete, so that the reservation also covers the objects that are parsed from the
 * body. Thread-safe.
 */
public final class BodyBudget {
    /**
     * An ordinary order has a few hundred bytes. Larger bodies cannot reserve the last quarter of the budget, so that a few
     * slow clients with large bodies do not cause the rejection of ordinary orders.
     */
    static final int SMALL_BODY_BYTES = 16 * 1024;

    /**
     * Estimate of the worst case: a batch of items with short names needs six times the size of its body for the body, its
     * parsed items, and its records. All bodies together therefore use at most three eighths of the heap.
     */
    private static final int HEAP_SHARE = 16;

    private final long capacity;
    private final AtomicLong reserved = new AtomicLong();

    BodyBudget(long capacity) {
        this.capacity = capacity;
    }

    /** @param bodyMaxBytes limit of one body; two of them always fit */
    public static BodyBudget ofHeap(long heapBytes, long bodyMaxBytes) {
        return new BodyBudget(Math.max(heapBytes / HEAP_SHARE, 2 * bodyMaxBytes));
    }

    /**
     * @param bytes to reserve in addition to earlier reservations of the same body
     * @param bodyBytes size of the complete body or, if it is not declared, of the received part
     * @return false if the budget is exhausted; then nothing was reserved
     */
    public boolean reserve(long bytes, long bodyBytes) {
        long limit = bodyBytes <= SMALL_BODY_BYTES ? capacity : capacity - capacity / 4;
        long before = reserved.getAndUpdate(current -> current + bytes > limit ? current : current + bytes);
        return before + bytes <= limit;
    }

    public void release(long bytes) {
        reserved.addAndGet(-bytes);
    }

    public long capacity() {
        return capacity;
    }

    public long reserved() {
        return reserved.get();
    }
}
