package io.onlyonce.bench;

import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for the effects of other processes. */
public final class Polling {
    private static final Duration INTERVAL = Duration.ofMillis(20);

    private Polling() {}

    /**
     * Polls the condition until it is true. An exception counts as false.
     *
     * @param description of the condition, for the exception's message
     * @throws IllegalStateException if the condition is not true before the timeout; the cause is the last exception
     */
    public static void await(String description, Duration timeout, Callable<Boolean> condition)
            throws InterruptedException {
        Deadline deadline = Deadline.in(timeout);
        Exception last;
        do {
            last = null;
            try {
                if (condition.call()) {
                    return;
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                last = e;
            }
        } while (deadline.sleep(INTERVAL));
        throw new IllegalStateException("timed out after " + timeout.toSeconds() + " s waiting: " + description, last);
    }
}
