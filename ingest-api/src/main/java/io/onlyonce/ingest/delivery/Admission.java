package io.onlyonce.ingest.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Measures the requests that wait for their outcome. Rejects new requests that would wait too long, and reports if
 * requests wait although nothing is written. Thread-safe.
 */
final class Admission {
    /** The rate is measured over this time, of which at least one request waits. */
    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** Longer than a broker restart on this machine, and shorter than the time limit of a request. */
    static final Duration STALL_TIMEOUT = Duration.ofSeconds(8);

    private final int minimum;
    private final double maxWaitSeconds;

    private int waiting;
    /** Written requests per second; zero if nothing has been measured yet. */
    private double rate;

    private long windowWritten;
    private long windowNanos;
    private long latestChange;

    /** Whether a request has started since the latest written request, and when the first one started. */
    private boolean unserved;

    private long unservedSince;
    private boolean failed;
    private long latestFailure;
    private String latestReason = "";
    private boolean written;
    private long latestWritten;

    /**
     * @param minimum number of waiting requests up to which each request is admitted, because a new process has not
     *     measured a rate, and an idle process only that of single requests
     * @param maxWait limit of the expected waiting time
     */
    Admission(int minimum, Duration maxWait) {
        this.minimum = minimum;
        this.maxWaitSeconds = maxWait.toNanos() / 1e9;
    }

    /** @return why a new request would wait too long */
    synchronized Optional<String> overload() {
        if (waiting < minimum || waiting < rate * maxWaitSeconds) {
            return Optional.empty();
        }
        return Optional.of("%d requests wait, and %.0f requests per second are written".formatted(waiting, rate));
    }

    /** A request starts to wait. The caller must call {@link #ended} when it stops waiting. */
    void started() {
        startedAt(System.nanoTime());
    }

    void ended(Outcome outcome) {
        endedAt(System.nanoTime(), outcome);
    }

    synchronized void startedAt(long now) {
        measure(now);
        if (!unserved || (waiting == 0 && !recentlyFailed(now))) {
            unserved = true;
            unservedSince = now;
        }
        waiting++;
    }

    synchronized void endedAt(long now, Outcome outcome) {
        measure(now);
        waiting--;
        switch (outcome) {
            case Outcome.Written _ -> {
                windowWritten++;
                written = true;
                latestWritten = now;
                unserved = waiting > 0;
                unservedSince = now;
            }
            case Outcome.Refused _ -> unserved &= waiting > 0;
            case Outcome.NotWritten(String reason) -> failed(now, reason);
            case Outcome.Unknown(String reason) -> failed(now, reason);
        }
    }

    private void failed(long now, String reason) {
        failed = true;
        latestFailure = now;
        latestReason = reason;
    }

    /** Excludes the time without waiting requests, because the rate of an idle process is not its capacity. */
    private void measure(long now) {
        if (waiting > 0) {
            windowNanos += now - latestChange;
        }
        latestChange = now;
        if (windowNanos >= WINDOW_NANOS) {
            double measured = windowWritten * 1e9 / windowNanos;
            // Decreases gradually, because a single pause does not reduce the capacity.
            rate = measured > rate ? measured : (3 * rate + measured) / 4;
            windowWritten = 0;
            windowNanos = 0;
        }
    }

    /** @return the reason if requests were received for a while and none of them was written */
    Optional<String> stall() {
        return stallAt(System.nanoTime());
    }

    synchronized Optional<String> stallAt(long now) {
        boolean active = waiting > 0 || recentlyFailed(now);
        if (!unserved || !active || now - unservedSince < STALL_TIMEOUT.toNanos()) {
            return Optional.empty();
        }
        return Optional.of("No request was written for %d s although requests were received%s"
                .formatted(
                        TimeUnit.NANOSECONDS.toSeconds(now - unservedSince),
                        failed ? "; latest failure: " + latestReason : ""));
    }

    private boolean recentlyFailed(long now) {
        return failed && now - latestFailure < STALL_TIMEOUT.toNanos();
    }

    /** @param nanoTime a value of {@link System#nanoTime()} */
    synchronized boolean hasWrittenSince(long nanoTime) {
        return written && latestWritten - nanoTime >= 0;
    }
}
