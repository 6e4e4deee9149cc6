package io.onlyonce.stream.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.runtime.PersistedState;

/** Exports the counts, the mode and the simulated crashes. {@code OrderStream} exports the metrics of Kafka Streams. */
public record StreamMetrics(OrderStats stats, PersistedState persisted) implements MeterBinder {
    @Override
    public void bindTo(MeterRegistry registry) {
        if (registry instanceof PrometheusMeterRegistry prometheus) {
            stats.registerWith(prometheus.getPrometheusRegistry());
        }
        FunctionCounter.builder("crash.simulated", persisted, PersistedState::crashesSimulated)
                .register(registry);
        Gauge.builder(
                        "current.processing.mode",
                        persisted,
                        state -> state.mode().processing() == ProcessingMode.EXACTLY_ONCE ? 2 : 1)
                .description("1 = at-least-once, 2 = exactly-once")
                .register(registry);
        Gauge.builder("idempotency.enabled", persisted, state -> state.mode().deduplicating() ? 1 : 0)
                .register(registry);
    }
}
