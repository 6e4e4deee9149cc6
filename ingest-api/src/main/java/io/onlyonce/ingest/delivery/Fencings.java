package io.onlyonce.ingest.delivery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often a producer lost its transactional id to another lately. Once is a reset or a successor; again and again is a
 * second live process with the same id.
 */
final class Fencings {
    private static final long WINDOW_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int TOLERATED = 2;

    private final Deque<Long> times = new ArrayDeque<>();

    synchronized void add() {
        times.addLast(System.nanoTime());
        if (times.size() > TOLERATED + 1) {
            times.removeFirst();
        }
    }

    /** Whether there is a second live process. */
    synchronized boolean contested() {
        return times.size() > TOLERATED && System.nanoTime() - times.getFirst() < WINDOW_NANOS;
    }
}
