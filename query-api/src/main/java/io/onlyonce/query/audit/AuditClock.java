package io.onlyonce.query.audit;

import io.onlyonce.query.UnavailableException;
import java.time.Duration;

/** The time an audit has, and the switch that ends it early. Asked wherever an audit waits or loops. */
final class AuditClock {
    private final long started = System.nanoTime();
    private final Duration limit;
    private volatile boolean cancelled;

    AuditClock(Duration limit) {
        this.limit = limit;
    }

    void cancel() {
        cancelled = true;
    }

    /** @throws UnavailableException where the audit must not go on */
    void check() {
        if (cancelled) {
            throw new UnavailableException("The audit was ended by a reset: what it looked at is gone", null);
        }
        if (elapsed().compareTo(limit) > 0) {
            throw new UnavailableException(
                    "The audit was given up after its limit of " + limit.toSeconds() + " s", null);
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
