package io.onlyonce.verifier;

import java.sql.SQLException;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Sees, while a run goes on, how the tables grow; goes on asking while PostgreSQL is away. */
final class RowWatcher implements AutoCloseable {
    private static final long PAUSE_MILLIS = 100;

    private final SystemUnderTest system;
    private final long[] seen;
    private final Queue<Awaited> awaited = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile long rows;
    /** When the last look at the tables that succeeded began; nanoTime. */
    private long lastLook = System.nanoTime();

    private record Awaited(long since, CompletableFuture<Long> at) {}

    /** @param starts the run's first offsets, by topic and partition */
    RowWatcher(SystemUnderTest system, Map<Topic, long[]> starts) {
        this.system = system;
        this.seen = starts.get(Topic.PROCESSED).clone();
        for (int partition = 0; partition < seen.length; partition++) {
            seen[partition]--;
        }
        thread = Thread.ofPlatform().name("row-watcher").start(this::watch);
    }

    /** Rows of processed_messages that have become visible so far. */
    long rows() {
        return rows;
    }

    /** @return the moment (nanoTime) at which a row was seen that was not visible yet when this was called */
    CompletableFuture<Long> nextRow() {
        CompletableFuture<Long> at = new CompletableFuture<>();
        awaited.add(new Awaited(System.nanoTime(), at));
        return at;
    }

    private void watch() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                lookUntilBroken();
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // close() ends the watch.
        }
    }

    private void lookUntilBroken() throws InterruptedException {
        try (Tables tables = new Tables(system)) {
            while (true) {
                long started = System.nanoTime();
                long more = tables.newRows(Topic.PROCESSED, seen);
                if (more > 0) {
                    rows += more;
                    tell(System.nanoTime());
                }
                lastLook = started;
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (SQLException e) {
            // PostgreSQL is away, as it may be in this run: the next look opens a connection of its own.
        }
    }

    /** New rows were not there at the last look: they are news to whoever has waited since before that. */
    private void tell(long now) {
        for (Awaited one : awaited) {
            if (one.since - lastLook <= 0 && one.at.complete(now)) {
                awaited.remove(one);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
