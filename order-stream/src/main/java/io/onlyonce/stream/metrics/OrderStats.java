package io.onlyonce.stream.metrics;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.topology.OrderListener;
import io.onlyonce.stream.topology.SeenOrder;
import io.prometheus.metrics.core.metrics.Counter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleConsumer;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Counts the results of this instance since its start, for {@code /stats} and the metrics, and logs them.
 *
 * <p>It counts attempts: a message that is processed again after an aborted transaction counts twice here, but once in the
 * topics. Only the audit, which reads the topics, verifies the guarantee.
 */
public final class OrderStats implements OrderListener {
    private static final int RATE_SECONDS = 10;

    private final OrderLog log = new OrderLog();
    private final DoubleConsumer latency;
    private final Map<ProcessingMode, LongAdder> processed = new EnumMap<>(ProcessingMode.class);
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder deadLetters = new LongAdder();
    private final Counter errors = Counter.builder()
            .name("processing_errors")
            .help("Failures of stream threads by cause")
            .constLabels(StreamMetrics.SERVICE)
            .labelNames("error_type")
            .withoutExemplars()
            .build();
    private final Deque<Long> consumedAtSecond = new ArrayDeque<>();
    private volatile double ratePerSecond;
    private volatile Counts baseline = new Counts(0, 0, 0, 0);
    private volatile Instant since = Instant.now();

    /** @param latency receives the seconds from a record's timestamp to its output */
    public OrderStats(DoubleConsumer latency) {
        this.latency = latency;
        for (ProcessingMode mode : ProcessingMode.values()) {
            processed.put(mode, new LongAdder());
        }
    }

    /** The number of messages by result. */
    public record Counts(long processed, long duplicates, long deadLetters, long errors) {
        public long consumed() {
            return processed + duplicates + deadLetters;
        }

        private Counts minus(Counts other) {
            return new Counts(
                    processed - other.processed,
                    duplicates - other.duplicates,
                    deadLetters - other.deadLetters,
                    errors - other.errors);
        }
    }

    @Override
    public void processed(Record<byte[], ?> record, RecordMetadata source, ProcessingMode mode) {
        processed.get(mode).increment();
        observe(record);
        log.processed(record, source);
    }

    @Override
    public void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        duplicates.increment();
        observe(record);
        log.duplicate(record, source, first);
    }

    @Override
    public void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason) {
        deadLetters.increment();
        observe(record);
        log.deadLetter(record, source, reason);
    }

    /** Logs a simulated crash. */
    public void crash(Record<byte[], ?> record, RecordMetadata source, long messages) {
        log.crash(record, source, messages);
    }

    /** @param type one word out of a small set, because it becomes the value of a label */
    public void error(String type) {
        errors.labelValues(type).inc();
    }

    /** Exports a type of error with the value 0, because Prometheus cannot compute a rate from a first value of 1. */
    public void expectErrors(String type) {
        errors.initLabelValues(type);
    }

    long processed(ProcessingMode mode) {
        return processed.get(mode).sum();
    }

    Counter errors() {
        return errors;
    }

    Counts counts() {
        return new Counts(
                processed.values().stream().mapToLong(LongAdder::sum).sum(),
                duplicates.sum(),
                deadLetters.sum(),
                errorsByType().values().stream().mapToLong(Long::longValue).sum());
    }

    public Counts countsSinceReset() {
        return counts().minus(baseline);
    }

    public Map<String, Long> errorsByType() {
        Map<String, Long> byType = new TreeMap<>();
        errors.collect().getDataPoints().forEach(point ->
                byType.put(point.getLabels().get("error_type"), (long) point.getValue()));
        return byType;
    }

    /** Returns the time of the last reset, or of the start. */
    public Instant since() {
        return since;
    }

    /** Returns the average number of messages per second over the last ten seconds. */
    public double ratePerSecond() {
        return ratePerSecond;
    }

    /** Restarts the counts of {@code /stats}. The metrics are not changed, because counters must not decrease. */
    public void reset() {
        baseline = counts();
        since = Instant.now();
    }

    /** Updates the rate and logs the summary. Must be called once per second. */
    public synchronized void everySecond() {
        log.everySecond();
        consumedAtSecond.addLast(counts().consumed());
        if (consumedAtSecond.size() > RATE_SECONDS + 1) {
            consumedAtSecond.removeFirst();
        }
        int seconds = consumedAtSecond.size() - 1;
        ratePerSecond =
                seconds == 0 ? 0 : (double) (consumedAtSecond.getLast() - consumedAtSecond.getFirst()) / seconds;
    }

    private void observe(Record<byte[], ?> record) {
        // A producer's clock can be ahead of this one. A negative latency counts as 0.
        latency.accept(Math.max(0, System.currentTimeMillis() - record.timestamp()) / 1_000.0);
    }
}
