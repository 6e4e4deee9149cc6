package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * What this instance has done since it started: counted for {@code /stats} and the metrics, and told to the log.
 *
 * <p>It counts attempts. A message that is processed again after an aborted transaction counts twice here, and once in
 * the topics; the audit, which reads the topics, is what proves anything.
 */
final class OrderJournal {
    private static final int RATE_SECONDS = 10;

    private final OrderLog log;
    private final DoubleConsumer latency;
    private final Map<ProcessingMode, LongAdder> processed = new EnumMap<>(ProcessingMode.class);
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final ConcurrentMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private Consumer<String> newErrorType = type -> {};
    private final Deque<Long> consumedAtSecond = new ArrayDeque<>();
    private volatile double ratePerSecond;
    private volatile Counts baseline = new Counts(0, 0, 0, 0);
    private volatile Instant since = Instant.now();

    /**
     * @param log where single orders are told of
     * @param latency takes seconds from a record's timestamp to its output
     */
    OrderJournal(OrderLog log, DoubleConsumer latency) {
        this.log = log;
        this.latency = latency;
        for (ProcessingMode mode : ProcessingMode.values()) {
            processed.put(mode, new LongAdder());
        }
    }

    /** How many messages ended how. */
    record Counts(long processed, long duplicates, long deadLetters, long errors) {
        long consumed() {
            return processed + duplicates + deadLetters;
        }

        Counts minus(Counts other) {
            return new Counts(
                    processed - other.processed,
                    duplicates - other.duplicates,
                    deadLetters - other.deadLetters,
                    errors - other.errors);
        }
    }

    void processed(Record<byte[], ?> record, RecordMetadata source, ProcessingMode mode) {
        processed.get(mode).increment();
        observe(record);
        log.processed(record, source);
    }

    void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        duplicates.increment();
        observe(record);
        log.duplicate(record, source, first);
    }

    void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason) {
        deadLetters.increment();
        observe(record);
        log.deadLetter(record, source, reason);
    }

    /** @param type a word, of a set that stays small: it becomes a label */
    void error(String type) {
        errorsOf(type).increment();
    }

    /** Lets a type of error show with 0 before the first one: a rate can be computed from then on only. */
    void expectErrors(String type) {
        errorsOf(type);
    }

    /** Calls back for each type of error known now, and for each new one. */
    synchronized void onNewErrorType(Consumer<String> listener) {
        newErrorType = listener;
        errors.keySet().forEach(listener);
    }

    long processed(ProcessingMode mode) {
        return processed.get(mode).sum();
    }

    long errors(String type) {
        return errorsOf(type).sum();
    }

    Counts counts() {
        return new Counts(
                processed.values().stream().mapToLong(LongAdder::sum).sum(),
                duplicates.sum(),
                deadLetters.sum(),
                errors.values().stream().mapToLong(LongAdder::sum).sum());
    }

    Counts countsSinceReset() {
        return counts().minus(baseline);
    }

    Map<String, Long> errorsByType() {
        Map<String, Long> byType = new TreeMap<>();
        errors.forEach((type, count) -> byType.put(type, count.sum()));
        return byType;
    }

    Instant since() {
        return since;
    }

    /** Messages a second, over the last ten. */
    double ratePerSecond() {
        return ratePerSecond;
    }

    /** What {@code /stats} shows begins anew; metrics, which must not go back, do not. */
    void reset() {
        baseline = counts();
        since = Instant.now();
    }

    /** To be called once a second. */
    synchronized void everySecond() {
        log.everySecond();
        consumedAtSecond.addLast(counts().consumed());
        if (consumedAtSecond.size() > RATE_SECONDS + 1) {
            consumedAtSecond.removeFirst();
        }
        int seconds = consumedAtSecond.size() - 1;
        ratePerSecond =
                seconds == 0 ? 0 : (double) (consumedAtSecond.getLast() - consumedAtSecond.getFirst()) / seconds;
    }

    private LongAdder errorsOf(String type) {
        LongAdder known = errors.get(type);
        return known != null ? known : newErrorType(type);
    }

    private synchronized LongAdder newErrorType(String type) {
        LongAdder count = errors.computeIfAbsent(type, ignored -> new LongAdder());
        newErrorType.accept(type);
        return count;
    }

    private void observe(Record<byte[], ?> record) {
        // A producer's clock may be ahead of this one; no order takes less than no time.
        latency.accept(Math.max(0, System.currentTimeMillis() - record.timestamp()) / 1_000.0);
    }
}
