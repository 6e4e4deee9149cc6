package io.onlyonce.stream.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.runtime.PersistedState;
import org.apache.kafka.streams.KafkaStreams;

/** Exports the metrics of the stream, of Kafka Streams, and of its clients. */
public final class StreamMetrics implements MeterBinder {
    private final OrderStats stats;
    private final PersistedState persisted;
    private KafkaStreamsMetrics streamsMetrics;

    public StreamMetrics(OrderStats stats, PersistedState persisted) {
        this.stats = stats;
        this.persisted = persisted;
    }

    /** Exports the metrics of a started topology instead of those of the previous one. */
    public void observe(KafkaStreams streams) {
        if (streamsMetrics != null) {
            streamsMetrics.close();
        }
        streamsMetrics = new KafkaStreamsMetrics(streams);
        // Spring Boot adds its registry to the global registry, possibly after the topology has started.
        streamsMetrics.bindTo(Metrics.globalRegistry);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            stats.registerWith(prometheus.getPrometheusRegistry());
        }
        FunctionCounter.builder("crash.simulated", persisted, PersistedState::crashesSimulated)
                .register(registry);
        Gauge.builder("current.processing.mode", persisted, StreamMetrics::processingMode)
                .description("1 = at-least-once, 2 = exactly-once")
                .register(registry);
        Gauge.builder("idempotency.enabled", persisted, state -> state.mode().deduplicating() ? 1 : 0)
                .register(registry);
    }

    private static int processingMode(PersistedState state) {
        return state.mode().processing() == ProcessingMode.EXACTLY_ONCE ? 2 : 1;
    }
}
