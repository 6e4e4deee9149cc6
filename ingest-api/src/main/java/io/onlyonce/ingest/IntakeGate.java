package io.onlyonce.ingest;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.web.Problem;
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
    private Deadline pauseEnd = Deadline.in(Duration.ZERO);

    IntakeGate(IngestProperties properties) {
        this.properties = properties;
    }

    /**
     * Waits while the intake is paused. After it returns, the caller must call {@link #leave} when the outcome of the
     * request is known.
     *
     * @throws org.springframework.web.ErrorResponseException if the pause exceeds the deadline or too many requests wait
     */
    synchronized void enter(Deadline deadline) throws InterruptedException {
        if (!pauseEnd.expired() && waiting == properties.pausedMaxRequests()) {
            throw Problems.notWritten(
                    "The intake is paused, and the maximum of %d requests wait for it".formatted(waiting));
        }
        waiting++;
        try {
            while (!pauseEnd.expired()) {
                if (deadline.expired()) {
                    throw Problems.notWritten("The intake is paused");
                }
                long nanos = Math.min(
                        deadline.remaining().toNanos(), pauseEnd.remaining().toNanos());
                TimeUnit.NANOSECONDS.timedWait(this, nanos);
            }
        } finally {
            waiting--;
        }
        inFlight++;
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
        Deadline deadline = Deadline.in(properties.pauseTimeout());
        pauseEnd = Deadline.in(properties.pauseTimeout().plus(properties.pauseLease()));
        while (inFlight > 0) {
            if (deadline.expired()) {
                resume();
                throw Problem.of(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "The intake was not paused: %d requests are still in flight after %d s"
                                .formatted(inFlight, properties.pauseTimeout().toSeconds()));
            }
            TimeUnit.NANOSECONDS.timedWait(this, deadline.remaining().toNanos());
        }
        // Pauses again, because a concurrent pause or resume may have opened the intake.
        pauseEnd = Deadline.in(properties.pauseLease());
        return properties.pauseLease();
    }

    /** Whether the intake is paused and no request is in flight. */
    synchronized boolean isPaused() {
        return !pauseEnd.expired() && inFlight == 0;
    }

    synchronized void resume() {
        pauseEnd = Deadline.in(Duration.ZERO);
        notifyAll();
    }
}
