package io.onlyonce.verifier.observe;

import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs a task periodically in its own thread until it is closed or the task throws an exception. */
final class PeriodicTask implements AutoCloseable {
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> runs;

    PeriodicTask(Runnable task, long pauseMillis) {
        runs = scheduler.scheduleWithFixedDelay(task, 0, pauseMillis, TimeUnit.MILLISECONDS);
    }

    /** @throws IllegalStateException if the task threw an exception, so that it does not run anymore */
    void requireRunning() {
        if (runs.state() == Future.State.FAILED) {
            Throwable cause = runs.exceptionNow();
            throw new IllegalStateException("cannot observe the system: " + cause.getMessage(), cause);
        }
    }

    /** Waits for the end of the current run. */
    @Override
    public void close() {
        scheduler.close();
    }
}
