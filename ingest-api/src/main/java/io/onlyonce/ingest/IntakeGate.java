package io.onlyonce.ingest;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Counts the requests in flight and holds new requests back during a pause, for example while the system is reset. A pause
 * has a lease, because its client can crash before it resumes the intake. Thread-safe.
 */
@Component
final class IntakeGate {
    private final IngestProperties properties;
    private int inFlight;
    private int waiting;
    private boolean paused;
    /** In terms of {@link System#nanoTime()}. */
    private long pausedUntil;

    IntakeGate(IngestProperties properties) {
        this.properties = properties;
    }

    /**
     * Waits while the intake is paused. After it returns, the caller must call {@link #leave} when the outcome of the
     * request is known.
     *
     * @throws org.springframework.web.ErrorResponseException if the pause exceeds the timeout or too many requests wait
     */
    synchronized void enter(Duration timeout) throws InterruptedException {
        if (isPaused()) {
            awaitResume(timeout);
        }
        inFlight++;
    }

    private void awaitResume(Duration timeout) throws InterruptedException {
        if (waiting == properties.pausedMaxRequests()) {
            throw Problems.of(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "The intake is paused, and the maximum of %d requests wait for it".formatted(waiting));
        }
        waiting++;
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            while (isPaused()) {
                long now = System.nanoTime();
                if (deadline - now <= 0) {
                    throw Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "The intake is paused; nothing was written");
                }
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(deadline, pausedUntil) - now);
            }
        } finally {
            waiting--;
        }
    }

    private boolean isPaused() {
        return paused && pausedUntil - System.nanoTime() > 0;
    }

    synchronized void leave() {
        inFlight--;
        if (inFlight == 0) {
            notifyAll();
        }
    }

    /**
     * Pauses the intake, or renews the lease. Returns when no request is in flight.
     *
     * @return the time until the intake resumes automatically
     * @throws org.springframework.web.ErrorResponseException if the requests in flight exceed the timeout; the intake is
     *     then open
     */
    synchronized Duration pause() throws InterruptedException {
        long deadline = System.nanoTime() + properties.pauseTimeout().toNanos();
        paused = true;
        pausedUntil = deadline + properties.pauseLease().toNanos();
        while (inFlight > 0) {
            long remaining = deadline - System.nanoTime();
            if (remaining <= 0) {
                resume();
                throw Problems.of(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "The intake was not paused: %d requests are still in flight after %d s"
                                .formatted(inFlight, properties.pauseTimeout().toSeconds()));
            }
            TimeUnit.NANOSECONDS.timedWait(this, remaining);
        }
        // Pauses again, because a concurrent pause or resume may have opened the intake.
        paused = true;
        pausedUntil = System.nanoTime() + properties.pauseLease().toNanos();
        return properties.pauseLease();
    }

    synchronized void resume() {
        paused = false;
        notifyAll();
    }
}
