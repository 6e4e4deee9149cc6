package io.onlyonce.stream;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The contract's metrics, and those of Kafka Streams and its clients. The stream works before there is a registry, as it
 * starts while Spring still does; what it has counted by then is counted.
 */
final class StreamMetrics implements MeterBinder {
    private static final double[] LATENCY_BOUNDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };

    /** The registry that Micrometer writes to is Prometheus' own; a histogram of Prometheus needs no registry to count. */
    private final Histogram latency = Histogram.builder()
            .name("processing_latency_seconds")
            .help("From an order's timestamp to its output")
            .constLabels(Labels.of("service", "consumer"))
            .classicOnly()
            .classicUpperBounds(LATENCY_BOUNDS)
            .withoutExemplars()
            .build();

    private final PersistedState persisted;
    private OrderJournal journal;
    private MeterRegistry registry;
    private KafkaStreams streams;
    private KafkaStreamsMetrics ofStreams;

    StreamMetrics(PersistedState persisted) {
        this.persisted = persisted;
    }

    void observeLatency(double seconds) {
        latency.observe(seconds);
    }

    synchronized void observe(OrderJournal newJournal) {
        journal = newJournal;
    }

    /** The topology has been started (again): its metrics replace those of the one before. */
    synchronized void observe(KafkaStreams newStreams) {
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
        }
        consumed("processed", journal -> journal.counts().processed());
        consumed("duplicate", journal -> journal.counts().duplicates());
        consumed("dead_letter", journal -> journal.counts().deadLetters());
        for (ProcessingMode mode : ProcessingMode.values()) {
            counter(
                    "messages.processed",
                    Tags.of("topic", Topics.ORDERS, "processing_mode", mode.wireName()),
                    journal -> journal.processed(mode));
        }
        counter("duplicates.detected", Tags.empty(), journal -> journal.counts().duplicates());
        journal.onNewErrorType(
                type -> counter("processing.errors", Tags.of("error_type", type), journal -> journal.errors(type)));
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
        if (ofStreams != null) {
            ofStreams.close();
        }
        ofStreams = new KafkaStreamsMetrics(streams);
        ofStreams.bindTo(registry);
    }

    private void consumed(String status, ToDoubleFunction<OrderJournal> count) {
        counter("messages.consumed", Tags.of("topic", Topics.ORDERS, "status", status), count);
    }

    private void counter(String name, Tags tags, ToDoubleFunction<OrderJournal> count) {
        FunctionCounter.builder(name, journal, count).tags(tags).register(registry);
    }
}
