package io.onlyonce.query.audit;

import io.onlyonce.query.UnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** The time limit of one audit, and its cancellation. Thread-safe. */
final class AuditControl {
    private final long started = System.nanoTime();
    private final Duration limit;
    private final AtomicBoolean cancelled;

    AuditControl(Duration limit, AtomicBoolean cancelled) {
        this.limit = limit;
        this.cancelled = cancelled;
    }

    /** @throws UnavailableException if the audit was cancelled, or exceeded its time limit */
    void check() {
        if (cancelled.get()) {
            throw new UnavailableException("The audit was ended by a reset, which deleted the audited data");
        }
        if (elapsed().compareTo(limit) > 0) {
            throw new UnavailableException("The audit exceeded its time limit of " + limit.toSeconds() + " s");
        }
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }
}
