package io.onlyonce.stream;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of a stream thread that failed: it is replaced, and its messages are tried again. Without end, as
 * the broker or a topic may come back at any time, but ever slower while it keeps failing.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(ThreadFailures.class);
    private static final String SIMULATED_FAILURE = "simulated_failure";
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    /** After this long without a failure, the next one is the first again. */
    private static final Duration FORGIVEN_AFTER = Duration.ofSeconds(30);

    /** So many in a row are no hiccup: the stream does not do its job. */
    private static final int FAILURES_TO_REPORT = 3;

    private record Failure(Instant at, int inARow, String reason) {}

    private final OrderJournal journal;
    private final LongAdder threadsReplaced = new LongAdder();
    private Failure last = new Failure(Instant.EPOCH, 0, "");

    ThreadFailures(OrderJournal journal) {
        this.journal = journal;
        journal.expectErrors(SIMULATED_FAILURE);
    }

    @Override
    public StreamThreadExceptionResponse handle(Throwable failure) {
        Throwable root = chain(failure).reduce((outer, cause) -> cause).orElseThrow();
        if (causedBy(failure, FencedInstanceIdException.class::isInstance)) {
            log.error("Another process has taken over this instance's identity; this one ends: {}", root.getMessage());
            ProcessEnd.FENCED.now();
        }
        if (causedBy(failure, VirtualMachineError.class::isInstance)) {
            log.error("The JVM is beyond repair; this process ends", failure);
            ProcessEnd.BROKEN.now();
        }
        threadsReplaced.increment();
        if (root instanceof SimulatedFailure) {
            journal.error(SIMULATED_FAILURE);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        journal.error(root.getClass().getSimpleName());
        int inARow = remember(root);
        waitBeforeReplacement(inARow);
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    long threadsReplaced() {
        return threadsReplaced.sum();
    }

    /** Why the stream keeps failing; empty where it does not. */
    synchronized Optional<String> problem() {
        boolean recent = last.at().plus(FORGIVEN_AFTER).isAfter(Instant.now());
        return recent && last.inARow() >= FAILURES_TO_REPORT
                ? Optional.of("stream threads keep failing, last with " + last.reason())
                : Optional.empty();
    }

    private synchronized int remember(Throwable root) {
        Instant now = Instant.now();
        boolean forgiven = last.at().plus(FORGIVEN_AFTER).isBefore(now);
        last = new Failure(now, forgiven ? 1 : last.inARow() + 1, root.toString());
        return last.inARow();
    }

    /** On the dying thread: its replacement is created when this returns. */
    private static void waitBeforeReplacement(int inARow) {
        long backoff = Math.min(LONGEST_BACKOFF.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(inARow - 1, 10));
        try {
            Thread.sleep(backoff);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean causedBy(Throwable failure, Predicate<Throwable> condition) {
        return chain(failure).anyMatch(condition);
    }

    private static Stream<Throwable> chain(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause);
    }
}
