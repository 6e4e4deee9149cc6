package io.onlyonce.stream.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the failure of a stream thread. Kafka Streams closes, and {@link OrderStream} starts it again, without a limit,
 * because the broker or a topic can become available at any time. The pause before the restart grows with each failure.
 *
 * <p>Kafka Streams could also replace the thread, but it gives the replacement a new number and therefore a new static
 * member identity. The partitions would then wait for the session timeout of the old one.
 */
public final class ThreadFailures implements StreamsUncaughtExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(ThreadFailures.class);
    private static final long FIRST_BACKOFF_MS = 200;
    private static final long LONGEST_BACKOFF_MS = 5_000;

    /** If there was no failure for this time, the next failure counts as the first. */
    private static final Duration RESET_AFTER = Duration.ofSeconds(30);

    /** From this number of consecutive failures on, the service is unhealthy. */
    private static final int FAILURES_TO_REPORT = 3;

    private final Predicate<Throwable> expected;
    private final Consumer<Throwable> onFailure;
    private Instant lastTime = Instant.EPOCH;
    private Throwable lastCause;
    private int consecutive;

    /**
     * @param expected returns true for a root cause that neither delays the restart nor affects the health
     * @param onFailure receives the root cause of each failure
     */
    public ThreadFailures(Predicate<Throwable> expected, Consumer<Throwable> onFailure) {
        this.expected = expected;
        this.onFailure = onFailure;
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        Throwable root = causes(failure).reduce((outer, cause) -> cause).orElseThrow();
        if (causes(failure).anyMatch(FencedInstanceIdException.class::isInstance)) {
            log.error("Another process has taken over this INSTANCE_ID, terminating cause=\"{}\"", root.getMessage());
            ProcessEnd.FENCED.now();
        }
        if (causes(failure).anyMatch(VirtualMachineError.class::isInstance)) {
            log.error("Fatal JVM error, terminating", failure);
            ProcessEnd.JVM_ERROR.now();
        }
        onFailure.accept(root);
        if (!expected.test(root)) {
            // Blocks the failed thread. Kafka Streams closes after the handler has returned.
            LockSupport.parkNanos(Duration.ofMillis(backoffMs(root)).toNanos());
        }
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /** Returns the reason if stream threads keep failing. */
    synchronized Optional<String> problem() {
        return isRecent() && consecutive >= FAILURES_TO_REPORT
                ? Optional.of("stream threads keep failing, last cause: " + lastCause)
                : Optional.empty();
    }

    private synchronized long backoffMs(Throwable cause) {
        consecutive = isRecent() ? consecutive + 1 : 1;
        lastTime = Instant.now();
        lastCause = cause;
        return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(consecutive - 1, 10));
    }

    private boolean isRecent() {
        return lastTime.plus(RESET_AFTER).isAfter(Instant.now());
    }

    static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }
}
