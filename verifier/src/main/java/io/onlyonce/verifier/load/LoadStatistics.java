package io.onlyonce.verifier.load;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Counters and latencies of the load, for the report. The checker uses the ledger instead. Thread-safe. */
public final class LoadStatistics {
    private static final long MAX_LATENCY_MICROS = TimeUnit.MINUTES.toMicros(10);

    /** Orders sent, without repetitions. */
    public final LongAdder sent = new LongAdder();
    /** Orders acknowledged at least once. */
    public final LongAdder acknowledged = new LongAdder();
    /** Order records acknowledged, including repetitions. */
    public final LongAdder acknowledgedRecords = new LongAdder();

    public final LongAdder retries = new LongAdder();
    /** Requests with no response or a 5xx response. */
    public final LongAdder unanswered = new LongAdder();
    /** Requests for which no connection could be opened. */
    public final LongAdder notSent = new LongAdder();

    public final LongAdder invalidSent = new LongAdder();
    public final LongAdder invalidRejected = new LongAdder();

    private final Histogram latency = new ConcurrentHistogram(MAX_LATENCY_MICROS, 3);
    /** The time of the call (nanoTime) by pending result of {@link #nextAcknowledgement}. */
    private final Map<CompletableFuture<Long>, Long> waiters = new ConcurrentHashMap<>();

    /** Records the time from the scheduled start of a request, which includes its delay (no coordinated omission). */
    void latency(long dueNanos, long answeredNanos) {
        latency.recordValue(Math.clamp(TimeUnit.NANOSECONDS.toMicros(answeredNanos - dueNanos), 0, MAX_LATENCY_MICROS));
    }

    /** Returns a copy of the latencies in microseconds. */
    public Histogram latency() {
        return latency.copy();
    }

    void requestAcknowledged(long sentNanos, long answeredNanos) {
        waiters.entrySet()
                .removeIf(one -> sentNanos - one.getValue() >= 0 && one.getKey().complete(answeredNanos));
    }

    /** Returns the time (nanoTime) of the first acknowledgement of a request that is sent after this call. */
    public CompletableFuture<Long> nextAcknowledgement() {
        CompletableFuture<Long> acknowledgedAt = new CompletableFuture<>();
        waiters.put(acknowledgedAt, System.nanoTime());
        return acknowledgedAt;
    }
}
