package io.onlyonce.ingest.delivery;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Submissions that wait for a transaction, in their order of arrival; bounded, so that a dead broker costs no memory. */
final class WaitingRoom {
    /** @param bytes of the records, without what holds them together */
    record Limit(int count, long bytes) {}

    /** A set, as one that has waited too long leaves from the middle. */
    private final LinkedHashSet<Submission> waiting = new LinkedHashSet<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Limit limit;
    private final Limit group;
    private long bytes;
    private boolean closed;

    /**
     * @param limit of what waits; its count is of requests
     * @param group limit of what leaves together; its count is of records
     */
    WaitingRoom(Limit limit, Limit group) {
        this.limit = limit;
        this.group = group;
    }

    /** @return whether there was room */
    boolean enter(Submission submission) {
        lock.lock();
        try {
            if (closed || waiting.size() >= limit.count() || bytes + submission.bytes() > limit.bytes()) {
                return false;
            }
            waiting.addLast(submission);
            bytes += submission.bytes();
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** @return whether it was still waiting; then no transaction will have it */
    boolean leave(Submission submission) {
        lock.lock();
        try {
            boolean waited = waiting.remove(submission);
            if (waited) {
                bytes -= submission.bytes();
            }
            return waited;
        } finally {
            lock.unlock();
        }
    }

    /** Puts those back that have waited longest: they come first again. Never refused, as they had their room before. */
    void comeBack(List<Submission> submissions) {
        lock.lock();
        try {
            for (Submission submission : submissions.reversed()) {
                waiting.addFirst(submission);
                bytes += submission.bytes();
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there is somebody.
     *
     * @return those who may share a transaction; none when the room is closed and empty
     */
    List<Submission> takeGroup() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            List<Submission> taken = new ArrayList<>();
            int records = 0;
            long takenBytes = 0;
            while (!waiting.isEmpty()) {
                Submission next = waiting.getFirst();
                records += next.records();
                takenBytes += next.bytes();
                if (!taken.isEmpty() && (records > group.count() || takenBytes > group.bytes())) {
                    break;
                }
                taken.add(waiting.removeFirst());
                bytes -= next.bytes();
            }
            if (!waiting.isEmpty()) {
                changed.signal();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody enters any more; those who wait are still taken. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        lock.lock();
        try {
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
