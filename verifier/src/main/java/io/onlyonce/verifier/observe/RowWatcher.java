package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Topic;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.dao.DataAccessException;

/** Polls for new rows of {@code processed_messages}. Reconnects after PostgreSQL was down. */
public final class RowWatcher implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    private final TableReader tables;
    private final long[] seen;
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private volatile long rows;
    /** The start (nanoTime) of the last successful query. */
    private long lastQuery = System.nanoTime();

    private record Waiter(long since, CompletableFuture<Long> seenAt) {}

    /** @param starts the first offsets of the run, by topic and partition */
    public RowWatcher(SystemUnderTest system, Map<Topic, long[]> starts) {
        this.tables = new TableReader(system);
        this.seen = Arrays.stream(starts.get(Topic.PROCESSED))
                .map(start -> start - 1)
                .toArray();
        var _ = scheduler.scheduleWithFixedDelay(this::poll, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    long rows() {
        return rows;
    }

    /** Returns the time (nanoTime) at which a row is seen that was not visible at the time of this call. */
    CompletableFuture<Long> nextRow() {
        Waiter waiter = new Waiter(System.nanoTime(), new CompletableFuture<>());
        waiters.add(waiter);
        return waiter.seenAt;
    }

    private void poll() {
        long started = System.nanoTime();
        try {
            long more = tables.countNewRows(Topic.PROCESSED, seen);
            if (more > 0) {
                rows += more;
                long now = System.nanoTime();
                // The new rows were not visible to the last query, so that they are new to earlier callers.
                waiters.removeIf(waiter -> waiter.since - lastQuery <= 0 && waiter.seenAt.complete(now));
            }
            lastQuery = started;
        } catch (DataAccessException e) {
            // PostgreSQL may be down during a run.
            tables.disconnect();
        }
    }

    @Override
    public void close() {
        scheduler.close();
        tables.disconnect();
    }
}
