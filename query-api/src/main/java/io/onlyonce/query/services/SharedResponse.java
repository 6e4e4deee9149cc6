package io.onlyonce.query.services;

import io.onlyonce.query.services.ConsoleController.Envelope;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A response that many pages receive, so that their number does not multiply the reads. Thread-safe. */
final class SharedResponse {
    private final long maxAgeNanos;
    private @Nullable Envelope last;
    private @Nullable String authorization;
    private long readAt;

    SharedResponse(Duration maxAge) {
        this.maxAgeNanos = maxAge.toNanos();
    }

    /**
     * Returns the last response if it is recent and belongs to the same authorization. Otherwise, reads a new one, while
     * other callers wait.
     */
    synchronized Envelope get(@Nullable String caller, Supplier<Envelope> read) {
        if (last == null || !Objects.equals(authorization, caller) || System.nanoTime() - readAt > maxAgeNanos) {
            last = read.get();
            authorization = caller;
            readAt = System.nanoTime();
        }
        return last;
    }
}
