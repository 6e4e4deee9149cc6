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
 * database does not answer they stay where they were, as counters do; before it has answered for the first time there
 * are none, as a 0 would make all that there is look new.
 */
@Component
final class TableMetrics {
    private static final Logger log = LoggerFactory.getLogger(TableMetrics.class);

    private final Totals totals;
    private final MeterRegistry registry;
    private volatile Totals.Snapshot last;
    private boolean answered = true;

    TableMetrics(Totals totals, MeterRegistry registry) {
        this.totals = totals;
        this.registry = registry;
    }

    private void register() {
        counter("messages_in_database", "Rows of processed_messages", Totals.Snapshot::messages);
        counter("orders_in_database", "Distinct orders among them", Totals.Snapshot::orders);
        counter(
                "duplicates_emitted",
                "Rows of processed_messages beyond the first of their order",
                Totals.Snapshot::duplicatesEmitted);
        counter("duplicates_rejected", "Rows of duplicate_messages", Totals.Snapshot::duplicatesRejected);
    }

    private void counter(String name, String description, ToDoubleFunction<Totals.Snapshot> value) {
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.last))
                .description(description)
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            boolean first = last == null;
            last = totals.read();
            if (first) {
                register();
            }
            answered = true;
        } catch (DataAccessException e) {
            if (answered) {
                log.warn("No totals to show: {}", DatabaseProblems.reason(e));
            }
            answered = false;
        }
    }
}
