package io.onlyonce.query;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Runs an expensive task for several requests. One run at a time; the requests that arrive during a run share the next
 * one. Every result is therefore from a run that started after the request. A run whose requests have all gone is cancelled.
 * Thread-safe.
 */
public final class SharedRuns<T> {
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(500);

    private final String name;
    private final Function<BooleanSupplier, T> task;
    /** Held during a run. */
    private final ReentrantLock running = new ReentrantLock(true);

    private Run next;

    /**
     * @param name for the thread
     * @param task receives a condition that is true if the run is cancelled; called repeatedly by the task
     */
    public SharedRuns(String name, Function<BooleanSupplier, T> task) {
        this.name = name;
        this.task = task;
    }

    private final class Run {
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private int requests;
        private volatile boolean cancelled;

        void start() {
            Thread.ofVirtual().name(name).start(() -> {
                running.lock();
                try {
                    synchronized (SharedRuns.this) {
                        next = next == this ? null : next;
                    }
                    result.complete(task.apply(() -> cancelled));
                } catch (Throwable e) {
                    // An Error must not leave the requests without a response.
                    result.completeExceptionally(e);
                } finally {
                    running.unlock();
                }
            });
        }
    }

    /** Returns the result of a run that starts after this call. */
    public T get(Duration timeout) {
        return get(timeout, () -> false);
    }

    /**
     * Returns the result of a run that starts after this call. Exceptions of the task are thrown unchanged.
     *
     * @param gone whether the client of this request has disconnected; polled every 500 ms
     * @throws UnavailableException if the run takes longer than the timeout, or the client has disconnected
     */
    public T get(Duration timeout, BooleanSupplier gone) {
        Run run = join();
        try {
            return await(run, System.nanoTime() + timeout.toNanos(), gone)
                    .orElseThrow(() -> new UnavailableException("No result of the " + name + " within "
                            + timeout.toMillis() + " ms, or the client has disconnected"));
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        } finally {
            leave(run);
        }
    }

    private Optional<T> await(Run run, long deadline, BooleanSupplier gone) throws InterruptedException {
        while (true) {
            long remaining = Math.min(deadline - System.nanoTime(), CHECK_INTERVAL.toNanos());
            if (remaining <= 0 || gone.getAsBoolean()) {
                return Optional.empty();
            }
            try {
                return Optional.of(run.result.get(remaining, TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                // Checks the client again.
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException failure
                        ? failure
                        : new IllegalStateException(e.getCause());
            }
        }
    }

    private synchronized Run join() {
        if (next == null) {
            next = new Run();
            next.start();
        }
        next.requests++;
        return next;
    }

    private synchronized void leave(Run run) {
        run.requests--;
        if (run.requests == 0) {
            run.cancelled = true;
            next = next == run ? null : next;
        }
    }
}
