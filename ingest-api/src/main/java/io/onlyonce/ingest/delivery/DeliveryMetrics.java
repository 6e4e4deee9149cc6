package io.onlyonce.ingest.delivery;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The contract's metrics of this service, and what tells how well transactions are shared. All exist from the start. */
@Component
class DeliveryMetrics {
    private static final Duration[] LATENCIES = Stream.of(
                    1, 2, 5, 10, 15, 20, 25, 35, 50, 75, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
            .map(Duration::ofMillis)
            .toArray(Duration[]::new);

    /** The values of the label {@code status} of {@code messages_produced_total}. */
    private enum Status {
        SUCCESS,
        REFUSED,
        NOT_WRITTEN,
        UNKNOWN;

        static Status of(Outcome outcome) {
            return switch (outcome) {
                case Outcome.Written written -> SUCCESS;
                case Outcome.Refused refused -> REFUSED;
                case Outcome.NotWritten notWritten -> NOT_WRITTEN;
                case Outcome.Unknown unknown -> UNKNOWN;
            };
        }
    }

    private final MeterRegistry registry;
    private final Map<DeliveryMode, Map<Status, Counter>> produced;
    private final Map<DeliveryMode, Timer> latency;
    private final Counter committed;
    private final Counter aborted;
    private final Counter unknown;
    private final Counter inTransaction;
    private final DistributionSummary shared;
    private final Timer transaction;

    DeliveryMetrics(MeterRegistry registry) {
        this.registry = registry;
        produced = each(DeliveryMode.values(), mode -> each(Status.values(), status -> produced(mode, status)));
        latency = each(DeliveryMode.values(), this::latency);
        committed = transactions("committed");
        aborted = transactions("aborted");
        unknown = transactions("unknown");
        inTransaction = Counter.builder("messages.in.transaction")
                .description("Records written in transactions that were committed")
                .register(registry);
        shared = DistributionSummary.builder("transaction.records")
                .description("How many records shared a transaction")
                .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
                .register(registry);
        transaction = Timer.builder("transaction.duration")
                .description("From the begin of a transaction to the confirmation of its commit")
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    private static <K, V> Map<K, V> each(K[] keys, Function<K, V> value) {
        return Arrays.stream(keys).collect(Collectors.toUnmodifiableMap(Function.identity(), value));
    }

    private Counter produced(DeliveryMode mode, Status status) {
        return Counter.builder("messages.produced")
                .description("Records by what became of them; unknown: they may have been written")
                .tag("topic", Topics.ORDERS)
                .tag("delivery_mode", mode.wireName())
                .tag("status", status.name().toLowerCase(java.util.Locale.ROOT))
                .register(registry);
    }

    private Timer latency(DeliveryMode mode) {
        return Timer.builder("produce.latency")
                .description("From an order's being read to its being as durable as the mode promises")
                .tag("delivery_mode", mode.wireName())
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    private Counter transactions(String status) {
        return Counter.builder("transactions")
                .description("Transactions by how they ended; unknown: the answer to the commit was lost")
                .tag("status", status)
                .register(registry);
    }

    void committed(int records, long nanos) {
        committed.increment();
        inTransaction.increment(records);
        shared.record(records);
        transaction.record(nanos, TimeUnit.NANOSECONDS);
    }

    void failed(boolean mayBeCommitted) {
        (mayBeCommitted ? unknown : aborted).increment();
    }

    void answered(DeliveryMode mode, Outcome outcome, int records, long nanos) {
        produced.get(mode).get(Status.of(outcome)).increment(records);
        if (outcome instanceof Outcome.Written) {
            // The others would make an outage look fast: a refusal takes no time.
            latency.get(mode).record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    void watch(Supplier<DeliveryMode> mode) {
        Gauge.builder("current.delivery.mode", () -> number(mode.get()))
                .description("1 = at-most-once, 2 = at-least-once, 3 = exactly-once")
                .register(registry);
    }

    void watch(WaitingRoom room, List<Lane> lanes) {
        Gauge.builder("ingest.queue.requests", room, WaitingRoom::size)
                .description("Requests that wait for a transaction")
                .register(registry);
        Gauge.builder("ingest.queue.bytes", room, WaitingRoom::bytes)
                .description("Size of their records")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder(
                        "ingest.lanes.open",
                        lanes,
                        all -> all.stream().filter(Lane::isOpen).count())
                .description("Transactional producers that can take a transaction")
                .register(registry);
    }

    private static int number(DeliveryMode mode) {
        return switch (mode) {
            case AT_MOST_ONCE -> 1;
            case AT_LEAST_ONCE -> 2;
            case EXACTLY_ONCE -> 3;
        };
    }
}
