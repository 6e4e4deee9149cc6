package io.onlyonce.verifier;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counts what the load does, for the report. The verdict does not rest on it but on the {@link Ledger}. */
final class Meter {
    private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);

    /** Orders that left for the first time. */
    final LongAdder sent = new LongAdder();
    /** Orders acknowledged at least once. */
    final LongAdder acknowledged = new LongAdder();
    /** Order records acknowledged, repetitions among them. */
    final LongAdder acknowledgedRecords = new LongAdder();
    /** Requests sent again after silence, a 5xx or a refused connection. */
    final LongAdder retries = new LongAdder();
    /** Requests without an answer. */
    final LongAdder unanswered = new LongAdder();
    /** Requests for which no connection came about. */
    final LongAdder notSent = new LongAdder();
    /** Invalid requests sent to be refused. */
    final LongAdder invalidSent = new LongAdder();
    /** Invalid requests that were refused with a 4xx. */
    final LongAdder invalidRefused = new LongAdder();

    private final Histogram latency = new ConcurrentHistogram(LONGEST_MICROS, 3);
    private final Queue<Awaited> awaited = new ConcurrentLinkedQueue<>();

    private record Awaited(long sentAfter, CompletableFuture<Long> at) {}

    /**
     * From the moment an order was due by the rate, not from when its request left: a stall is felt by all who would
     * have come during it (no coordinated omission).
     */
    void latency(long dueNanos, long answeredNanos) {
        latency.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(answeredNanos - dueNanos), 0, LONGEST_MICROS));
    }

    Histogram latency() {
        return latency.copy();
    }

    /** An order has been acknowledged. */
    void acknowledged(boolean forTheFirstTime) {
        acknowledgedRecords.increment();
        if (forTheFirstTime) {
            acknowledged.increment();
        }
    }

    /** A request has been acknowledged. */
    void answered(long sentNanos, long answeredNanos) {
        for (Awaited one : awaited) {
            if (sentNanos - one.sentAfter >= 0 && one.at.complete(answeredNanos)) {
                awaited.remove(one);
            }
        }
    }

    /** @return the moment (nanoTime) of the first acknowledgement of a request that was sent after the given moment */
    CompletableFuture<Long> acknowledgementOfARequestSentAfter(long nanos) {
        CompletableFuture<Long> at = new CompletableFuture<>();
        awaited.add(new Awaited(nanos, at));
        return at;
    }
}
