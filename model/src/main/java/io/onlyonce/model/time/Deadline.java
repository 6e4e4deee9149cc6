package io.onlyonce.model.time;

import java.time.Duration;

/** The end of a bounded wait, in terms of {@link System#nanoTime()}. */
public record Deadline(long endNanos) {
    /** Starts the wait now. */
    public static Deadline in(Duration timeout) {
        return new Deadline(System.nanoTime() + timeout.toNanos());
    }

    public boolean expired() {
        return endNanos - System.nanoTime() <= 0;
    }

    /** Returns the time until this deadline; {@link Duration#ZERO} if it has expired. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
    }

    /**
     * Sleeps for the interval, or until the deadline if that is earlier. For loops that retry a failed operation.
     *
     * @return false, without sleeping, if the deadline has expired
     */
    public boolean sleep(Duration interval) throws InterruptedException {
        Duration remaining = remaining();
        if (remaining.isZero()) {
            return false;
        }
        Thread.sleep(remaining.compareTo(interval) < 0 ? remaining : interval);
        return true;
    }

    /**
     * Polls the condition at the interval, at least once, until it is true or the deadline has expired.
     *
     * @return whether the condition became true
     */
    public <E extends Exception> boolean await(Duration interval, Condition<E> condition)
            throws E, InterruptedException {
        while (!condition.isTrue()) {
            if (!sleep(interval)) {
                return false;
            }
        }
        return true;
    }

    /** A condition that may fail with a checked exception. */
    @FunctionalInterface
    public interface Condition<E extends Exception> {
        boolean isTrue() throws E, InterruptedException;
    }
}
