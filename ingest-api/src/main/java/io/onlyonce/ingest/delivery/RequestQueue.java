package io.onlyonce.ingest.delivery;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Requests that wait for a transaction, in order of arrival. The queue is bounded, so that memory does not grow while the
 * broker is unavailable. Thread-safe.
 */
final class RequestQueue {
    /** The number of requests (queue) or records (batch), and the size of their keys, values and headers. */
    record Limit(int count, long bytes) {}

    /** A set, because {@link #remove} takes requests out of the middle. */
    private final LinkedHashSet<PendingRequest> requests = new LinkedHashSet<>();

    private final Limit capacity;
    private final Limit batch;
    private long bytes;
    private boolean closed;

    /** @param batch limit of one {@link #drain} */
    RequestQueue(Limit capacity, Limit batch) {
        this.capacity = capacity;
        this.batch = batch;
    }

    /** @return false if the queue is full or closed */
    synchronized boolean offer(PendingRequest request) {
        if (closed || requests.size() >= capacity.count() || bytes + request.bytes() > capacity.bytes()) {
            return false;
        }
        requests.addLast(request);
        bytes += request.bytes();
        notify();
        return true;
    }

    /** @return whether the request was still in the queue; then no transaction will contain it */
    synchronized boolean remove(PendingRequest request) {
        boolean removed = requests.remove(request);
        if (removed) {
            bytes -= request.bytes();
        }
        return removed;
    }

    /** Puts drained requests back to the head of the queue. Ignores the capacity, because they were accepted before. */
    synchronized void requeue(List<PendingRequest> drained) {
        for (PendingRequest request : drained.reversed()) {
            requests.addFirst(request);
            bytes += request.bytes();
        }
        notify();
    }

    /**
     * Waits for a request, then removes as many requests as the batch limit allows, but at least one.
     *
     * @return empty if the queue is closed and empty
     */
    synchronized List<PendingRequest> drain() throws InterruptedException {
        while (requests.isEmpty() && !closed) {
            wait();
        }
        List<PendingRequest> drained = new ArrayList<>();
        int drainedRecords = 0;
        long drainedBytes = 0;
        while (!requests.isEmpty()) {
            PendingRequest next = requests.getFirst();
            drainedRecords += next.records().size();
            drainedBytes += next.bytes();
            if (!drained.isEmpty() && (drainedRecords > batch.count() || drainedBytes > batch.bytes())) {
                break;
            }
            drained.add(requests.removeFirst());
            bytes -= next.bytes();
        }
        if (!requests.isEmpty()) {
            notify();
        }
        return drained;
    }

    /** Rejects further requests. Queued requests can still be drained. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized int size() {
        return requests.size();
    }

    synchronized long bytes() {
        return bytes;
    }
}
