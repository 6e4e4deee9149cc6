package io.onlyonce.bench;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for something that another process does. */
public final class Await {
    private static final Duration PAUSE = Duration.ofMillis(20);

    private Await() {}

    /**
     * @param what for the message of the exception
     * @param condition asked again and again; its exceptions mean no
     * @throws IllegalStateException where it does not come true in time
     */
    public static void until(String what, Duration patience, Callable<Boolean> condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
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
            Thread.sleep(PAUSE);
        }
        throw new IllegalStateException("waited in vain for " + patience.toSeconds() + " s until " + what, last);
    }
}
