package io.onlyonce.ingest.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The metrics of the delivery. They are registered at startup, so that each series starts at zero. */
@Component
final class DeliveryMetrics {
    private static final Duration[] LATENCIES = Stream.of(
                    1, 2, 5, 10, 15, 20, 25, 35, 50, 75, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final MeterRegistry registry;
    // A lookup in the registry builds the tags and the id again, which is too much for each request.
    private final Map<DeliveryMode, Timer> latencies = new EnumMap<>(DeliveryMode.class);
    private final Map<DeliveryMode, Map<String, Counter>> produced = new EnumMap<>(DeliveryMode.class);
    private final Counter inTransaction;
    private final DistributionSummary recordsPerTransaction;
    private final Timer transactionDuration;

    DeliveryMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (DeliveryMode mode : DeliveryMode.values()) {
            latencies.put(mode, latency(mode));
            produced.put(
                    mode,
                    Stream.of("success", "refused", "not_written", "unknown")
                            .collect(Collectors.toMap(status -> status, status -> produced(mode, status))));
        }
        Stream.of("committed", "aborted", "unknown").forEach(this::transactions);
        inTransaction = counter("messages.in.transaction", "Records in committed transactions");
        recordsPerTransaction = DistributionSummary.builder("transaction.records")
                .description("Records per committed transaction")
                .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
                .register(registry);
        transactionDuration =
                timer("transaction.duration", "Time from the start of a transaction to the confirmation of its commit");
    }

    private Timer latency(DeliveryMode mode) {
        String description = "Time until an accepted order is as durable as the delivery mode guarantees";
        return timer("produce.latency", description, "delivery_mode", mode.wireName());
    }

    private Counter produced(DeliveryMode mode, String status) {
        String description = "Records by outcome; unknown: the record may have been written";
        String[] tags = {"topic", Topics.ORDERS, "delivery_mode", mode.wireName(), "status", status};
        return counter("messages.produced", description, tags);
    }

    private Counter transactions(String status) {
        String description = "Transactions by result; unknown: the response to the commit was lost";
        return counter("transactions", description, "status", status);
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private Timer timer(String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    void committed(int records, long nanos) {
        transactions("committed").increment();
        inTransaction.increment(records);
        recordsPerTransaction.record(records);
        transactionDuration.record(nanos, TimeUnit.NANOSECONDS);
    }

    void failed(boolean mayBeCommitted) {
        transactions(mayBeCommitted ? "unknown" : "aborted").increment();
    }

    /** Records the latency of successes only, because a refusal takes no time and would hide an outage. */
    void answered(DeliveryMode mode, Outcome outcome, int records, long nanos) {
        String status = switch (outcome) {
            case Outcome.Written _ -> "success";
            case Outcome.Refused _ -> "refused";
            case Outcome.NotWritten _ -> "not_written";
            case Outcome.Unknown _ -> "unknown";
        };
        produced.get(mode).get(status).increment(records);
        if (outcome instanceof Outcome.Written) {
            latencies.get(mode).record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void watch(Supplier<DeliveryMode> mode) {
        gauge(
                "current.delivery.mode",
                "1 = at-most-once, 2 = at-least-once, 3 = exactly-once",
                () -> switch (mode.get()) {
                    case AT_MOST_ONCE -> 1;
                    case AT_LEAST_ONCE -> 2;
                    case EXACTLY_ONCE -> 3;
                });
    }

    void watch(RequestQueue queue, List<TransactionWorker> workers) {
        gauge("ingest.queue.requests", "Requests that wait for a transaction", queue::size);
        gauge("ingest.queue.bytes", "Size of the records that wait for a transaction", queue::bytes);
        gauge(
                "ingest.transaction.workers.ready",
                "Transactional producers that can commit",
                () -> workers.stream().filter(TransactionWorker::isReady).count());
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }
}
