package io.onlyonce.query.tables;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The totals as counters. They fall only at a reset, which Prometheus takes for a restart, and rightly. While the
 * database does not answer they stay where they were, as counters do.
 */
@Component
final class TableMetrics {
    private static final Logger log = LoggerFactory.getLogger(TableMetrics.class);

    private final Totals totals;
    private volatile Totals.Snapshot last;
    private boolean answered = true;

    TableMetrics(Totals totals, MeterRegistry registry) {
        this.totals = totals;
        counter(registry, "messages_in_database", "Rows of processed_messages", Totals.Snapshot::messages);
        counter(registry, "orders_in_database", "Distinct orders among them", Totals.Snapshot::orders);
        counter(
                registry,
                "duplicates_emitted",
                "Rows of processed_messages beyond the first of their order",
                Totals.Snapshot::duplicatesEmitted);
        counter(registry, "duplicates_rejected", "Rows of duplicate_messages", Totals.Snapshot::duplicatesRejected);
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<Totals.Snapshot> value) {
        FunctionCounter.builder(name, this, metrics -> metrics.last == null ? 0 : value.applyAsDouble(metrics.last))
                .description(description)
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            last = totals.read();
            answered = true;
        } catch (DataAccessException e) {
            if (answered) {
                log.warn("No totals to show: {}", DatabaseProblems.reason(e));
            }
            answered = false;
        }
    }
}
