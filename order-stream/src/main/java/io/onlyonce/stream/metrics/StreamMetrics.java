package io.onlyonce.stream.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.stream.runtime.PersistedState;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.streams.KafkaStreams;

/**
 * Exports the metrics of the stream, of Kafka Streams, and of its clients. The stream starts before Spring creates the
 * meter registry. Values that were counted before are exported as well.
 */
public final class StreamMetrics implements MeterBinder {
    static final Labels SERVICE = Labels.of("service", "consumer");

    private static final double[] LATENCY_BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };

    /** A Prometheus histogram, not a Micrometer timer, because it works without a registry. */
    private final Histogram latency = Histogram.builder()
            .name("processing_latency_seconds")
            .help("Time from an order's timestamp to its output")
            .constLabels(SERVICE)
            .classicOnly()
            .classicUpperBounds(LATENCY_BOUNDS)
            .withoutExemplars()
            .build();

    private final OrderStats stats = new OrderStats(latency::observe);
    private final PersistedState persisted;
    private MeterRegistry registry;
    private KafkaStreams streams;
    private KafkaStreamsMetrics streamsMetrics;

    public StreamMetrics(PersistedState persisted) {
        this.persisted = persisted;
    }

    /** Returns the counts that are exported. */
    public OrderStats stats() {
        return stats;
    }

    /** Exports the metrics of a started topology instead of those of the previous one. */
    public synchronized void observe(KafkaStreams newStreams) {
        streams = newStreams;
        if (registry != null) {
            bindStreams();
        }
    }

    @Override
    public synchronized void bindTo(MeterRegistry newRegistry) {
        registry = newRegistry;
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            prometheus.getPrometheusRegistry().register(latency);
            prometheus.getPrometheusRegistry().register(stats.errors());
        }
        consumed("processed", stats -> stats.counts().processed());
        consumed("duplicate", stats -> stats.counts().duplicates());
        consumed("dead_letter", stats -> stats.counts().deadLetters());
        for (ProcessingMode mode : ProcessingMode.values()) {
            counter(
                    "messages.processed",
                    Tags.of("topic", Topics.ORDERS, "processing_mode", mode.wireName()),
                    stats -> stats.processed(mode));
        }
        counter("duplicates.detected", Tags.empty(), stats -> stats.counts().duplicates());
        FunctionCounter.builder("crash.simulated", persisted, PersistedState::crashesSimulated)
                .register(registry);
        Gauge.builder("current.processing.mode", persisted, state -> switch (state.mode()
                        .processing()) {
                    case AT_LEAST_ONCE -> 1;
                    case EXACTLY_ONCE -> 2;
                })
                .description("1 = at-least-once, 2 = exactly-once")
                .register(registry);
        Gauge.builder("idempotency.enabled", persisted, state -> state.mode().deduplicating() ? 1 : 0)
                .register(registry);
        if (streams != null) {
            bindStreams();
        }
    }

    private void bindStreams() {
        if (streamsMetrics != null) {
            streamsMetrics.close();
        }
        streamsMetrics = new KafkaStreamsMetrics(streams);
        streamsMetrics.bindTo(registry);
    }

    private void consumed(String status, ToDoubleFunction<OrderStats> count) {
        counter("messages.consumed", Tags.of("topic", Topics.ORDERS, "status", status), count);
    }

    private void counter(String name, Tags tags, ToDoubleFunction<OrderStats> count) {
        FunctionCounter.builder(name, stats, count).tags(tags).register(registry);
    }
}
