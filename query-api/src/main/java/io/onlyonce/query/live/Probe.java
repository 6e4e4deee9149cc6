package io.onlyonce.query.live;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one source repeatedly in its own thread, so that a source that does not answer does not delay other sources. Keeps
 * the last value with its time.
 */
final class Probe<T> {
    /** The pause between two reads. A read takes at most the timeout of the source, which is usually 2 s. */
    static final long INTERVAL_MILLIS = 1_000;

    private final String name;
    private final Supplier<T> source;
    private volatile @Nullable Reading<T> last;
    private volatile @Nullable String problem;

    /** @param at the time at which the read began */
    record Reading<T>(T value, Instant at) {}

    /** @param source returns the value, or throws an exception if the source is unavailable */
    Probe(String name, Supplier<T> source) {
        this.name = name;
        this.source = source;
    }

    String name() {
        return name;
    }

    /** Reads the source repeatedly until the thread is interrupted. */
    void run() {
        while (!Thread.currentThread().isInterrupted()) {
            read();
            try {
                Thread.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    void read() {
        Instant started = Instant.now();
        try {
            last = new Reading<>(source.get(), started);
            problem = null;
        } catch (RuntimeException e) {
            problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        }
    }

    /** Returns the last value that was read, which can be old; empty if no read has succeeded yet. */
    Optional<Reading<T>> last() {
        return Optional.ofNullable(last);
    }

    /** Returns the reason why the last read failed; empty if it succeeded. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }
}
