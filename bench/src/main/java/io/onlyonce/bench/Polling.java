package io.onlyonce.bench;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for the effects of other processes. */
public final class Polling {
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private Polling() {}

    /**
     * Returns when the condition is true. Polls in the calling thread.
     *
     * @param description of the condition, for the exception's message
     * @param condition polled until it is true; an exception counts as false
     * @throws IllegalStateException if the condition is not true before the timeout; the cause is the last exception
     */
    public static void await(String description, Duration timeout, Callable<Boolean> condition)
            throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        Exception last = null;
        while (System.nanoTime() - deadline < 0) {
            try {
                if (condition.call()) {
                    return;
                }
                last = null;
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
            Thread.sleep(INTERVAL);
        }
        throw new IllegalStateException("timed out after " + timeout.toSeconds() + " s waiting: " + description, last);
    }
}
