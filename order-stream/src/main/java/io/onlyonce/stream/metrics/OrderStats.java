package io.onlyonce.stream.metrics;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.stream.faults.Faults.SimulatedFailure;
import io.onlyonce.stream.topology.OrderListener;
import io.onlyonce.stream.topology.SeenOrder;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Counts the results of this instance since its start, for {@code /stats} and the metrics, and logs them.
 *
 * <p>It counts attempts: a message that is processed again after an aborted transaction counts twice here, but once in the
 * topics. Only the audit, which reads the topics, verifies the guarantee.
 *
 * <p>The meters are Prometheus meters instead of Micrometer meters, because they count without a registry: the stream
 * starts before Spring creates the registry.
 */
public final class OrderStats implements OrderListener {
    private static final Labels SERVICE = Labels.of("service", "consumer");
    private static final String SIMULATED_FAILURE = "simulated_failure";
    private static final int RATE_SECONDS = 10;

    private final OrderLog log = new OrderLog();
    private final Histogram latency = Histogram.builder()
            .name("processing_latency_seconds")
            .help("Time from an order's append to the topic to its output")
            .constLabels(SERVICE)
            .classicOnly()
            .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
            .withoutExemplars()
            .build();
    private final Counter consumed = counter("messages_consumed", "Messages by result", "topic", "status");
    private final Counter processed =
            counter("messages_processed", "Processed orders by mode", "topic", "processing_mode");
    private final Counter duplicates = counter("duplicates_detected", "Rejected duplicates");
    private final Counter conflicts = counter("order_conflicts", "Rejected duplicates with other content");
    private final Counter errors = counter("processing_errors", "Failures of stream threads by cause", "error_type");

    private final CounterDataPoint consumedProcessed = consumed.labelValues(Topics.ORDERS, "processed");
    private final CounterDataPoint consumedDuplicate = consumed.labelValues(Topics.ORDERS, "duplicate");
    private final CounterDataPoint consumedDeadLetter = consumed.labelValues(Topics.ORDERS, "dead_letter");

    private final Deque<Long> consumedAtSecond = new ArrayDeque<>();
    private volatile Counts baseline = new Counts(0, 0, 0, 0, 0);
    private volatile Instant since = Instant.now();

    public OrderStats() {
        // Exported with the value 0, because Prometheus cannot compute a rate from a first value of 1.
        for (ProcessingMode mode : ProcessingMode.values()) {
            processed.initLabelValues(Topics.ORDERS, mode.wireName());
        }
        errors.initLabelValues(SIMULATED_FAILURE);
    }

    private static Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(name)
                .help(help)
                .constLabels(SERVICE)
                .labelNames(labels)
                .withoutExemplars()
                .build();
    }

    /** Exports the counts. They include events from before this call. */
    void registerWith(PrometheusRegistry registry) {
        Stream.of(consumed, processed, duplicates, conflicts, errors, latency).forEach(registry::register);
    }

    /** @param conflicts the duplicates with other content, which are also counted in {@code duplicates} */
    public record Counts(long processed, long duplicates, long conflicts, long deadLetters, long errors) {
        public long consumed() {
            return processed + duplicates + deadLetters;
        }

        private Counts minus(Counts other) {
            return new Counts(
                    processed - other.processed,
                    duplicates - other.duplicates,
                    conflicts - other.conflicts,
                    deadLetters - other.deadLetters,
                    errors - other.errors);
        }
    }

    @Override
    public void processed(Record<byte[], ?> record, RecordMetadata source, ProcessingMode mode) {
        processed.labelValues(Topics.ORDERS, mode.wireName()).inc();
        count(consumedProcessed, record);
        log.processed(record, source);
    }

    @Override
    public void duplicate(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        duplicates.inc();
        count(consumedDuplicate, record);
        log.duplicate(record, source, first);
    }

    @Override
    public void conflict(Record<byte[], ?> record, RecordMetadata source, SeenOrder first) {
        duplicates.inc();
        conflicts.inc();
        count(consumedDuplicate, record);
        log.conflict(record, source, first);
    }

    @Override
    public void deadLetter(Record<byte[], ?> record, RecordMetadata source, String reason) {
        count(consumedDeadLetter, record);
        log.deadLetter(record, source, reason);
    }

    public void crash(Record<byte[], ?> record, RecordMetadata source, long messages) {
        log.crash(record, source, messages);
    }

    public void error(Throwable cause) {
        String type = cause instanceof SimulatedFailure
                ? SIMULATED_FAILURE
                : cause.getClass().getSimpleName();
        errors.labelValues(type).inc();
    }

    private Counts counts() {
        return new Counts(
                (long) consumedProcessed.get(),
                (long) consumedDuplicate.get(),
                (long) conflicts.get(),
                (long) consumedDeadLetter.get(),
                errors());
    }

    /** Returns the number of failed stream threads since the start of the process. */
    public long errors() {
        return errorsByType().values().stream().mapToLong(Long::longValue).sum();
    }

    public Counts countsSinceReset() {
        return counts().minus(baseline);
    }

    public Map<String, Long> errorsByType() {
        Map<String, Long> byType = new TreeMap<>();
        errors.collect()
                .getDataPoints()
                .forEach(point -> byType.put(point.getLabels().get("error_type"), (long) point.getValue()));
        return byType;
    }

    /** Returns the time of the last reset, or of the start. */
    public Instant since() {
        return since;
    }

    /** Returns the average number of messages per second over the last ten seconds. */
    public synchronized double ratePerSecond() {
        int seconds = consumedAtSecond.size() - 1;
        return seconds < 1 ? 0 : (double) (consumedAtSecond.getLast() - consumedAtSecond.getFirst()) / seconds;
    }

    /** Restarts the counts of {@code /stats}. The metrics are not changed, because counters must not decrease. */
    public void reset() {
        baseline = counts();
        since = Instant.now();
    }

    /** Samples the number of messages for the rate, and logs the summary. Must be called once per second. */
    public synchronized void everySecond() {
        log.everySecond();
        consumedAtSecond.addLast(counts().consumed());
        if (consumedAtSecond.size() > RATE_SECONDS + 1) {
            consumedAtSecond.removeFirst();
        }
    }

    private void count(CounterDataPoint result, Record<byte[], ?> record) {
        result.inc();
        // The broker's clock can be ahead of this one. A negative latency counts as 0.
        latency.observe(Math.max(0, System.currentTimeMillis() - record.timestamp()) / 1_000.0);
    }
}
