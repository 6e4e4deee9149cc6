package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Topic;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.dao.DataAccessException;

/** Polls for new rows of {@code processed_messages}. Reconnects after PostgreSQL was down. */
public final class RowWatcher implements AutoCloseable {
    private static final long POLL_MILLIS = 100;

    private final TableReader tables;
    private final long[] seen;
    /** The time of the call (nanoTime) by pending result of {@link #nextRow}. */
    private final Map<CompletableFuture<Long>, Long> waiters = new ConcurrentHashMap<>();

    private final PeriodicTask polling;
    private volatile long rows;
    /** The start (nanoTime) of the last successful query. */
    private long lastQuery = System.nanoTime();

    /** @param starts the first offsets of the run, by topic and partition */
    public RowWatcher(SystemUnderTest system, Map<Topic, long[]> starts) {
        this.tables = new TableReader(system);
        this.seen = starts.get(Topic.PROCESSED).clone();
        Arrays.setAll(seen, partition -> seen[partition] - 1);
        this.polling = new PeriodicTask(this::poll, POLL_MILLIS);
    }

    long rows() {
        return rows;
    }

    /** Returns the time (nanoTime) at which a row is seen that was not visible at the time of this call. */
    CompletableFuture<Long> nextRow() {
        CompletableFuture<Long> seenAt = new CompletableFuture<>();
        waiters.put(seenAt, System.nanoTime());
        return seenAt;
    }

    void requireWatching() {
        polling.requireRunning();
    }

    private void poll() {
        long started = System.nanoTime();
        try {
            long more = tables.countNewRows(Topic.PROCESSED, seen);
            if (more > 0) {
                rows += more;
                long now = System.nanoTime();
                // The new rows were not visible to the last query, so that they are new to earlier callers.
                waiters.entrySet()
                        .removeIf(one ->
                                one.getValue() - lastQuery <= 0 && one.getKey().complete(now));
            }
            lastQuery = started;
        } catch (DataAccessException e) {
            // PostgreSQL may be down during a run.
            tables.disconnect();
        }
    }

    @Override
    public void close() {
        polling.close();
        tables.close();
    }
}
