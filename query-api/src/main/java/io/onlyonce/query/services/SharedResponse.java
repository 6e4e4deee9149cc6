package io.onlyonce.query.services;

import io.onlyonce.query.services.ConsoleController.Envelope;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Caches a response, so that the number of reads does not depend on the number of open consoles. Thread-safe. */
final class SharedResponse {
    private final long maxAgeNanos;
    private @Nullable Envelope last;
    private @Nullable String authorization;
    private long readAt;

    SharedResponse(Duration maxAge) {
        this.maxAgeNanos = maxAge.toNanos();
    }

    /**
     * Returns the cached response if it is not older than the maximum age and was read with the same authorization.
     * Otherwise, reads a new response and blocks other callers.
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
