package io.onlyonce.query.tables;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.onlyonce.query.SourceAge;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Publishes the totals as counters, and the latencies of the sink and of the pipeline as gauges.
 *
 * <p>The counters decrease only at a reset and if rows are deleted, which Prometheus handles like a restart. They keep their
 * values while the database is unavailable; {@link SourceAge} shows for how long. They do not exist before the first
 * successful read, because Prometheus would count an increase from 0.
 *
 * <p>The latencies cover the newest orders and do not change without new orders. The sink latency is the time from the
 * stream's output to the row. The end-to-end latency is the time from created_at to the row; the ingest API sets created_at if
 * the client does not.
 */
@Component
final class TableMetrics {
    private static final Logger log = LoggerFactory.getLogger(TableMetrics.class);

    /** Sufficient for percentiles. Each order costs one index lookup. */
    private static final int LATENCY_SAMPLES = 200;

    private final Totals totals;
    private final JdbcClient jdbc;
    private final MeterRegistry registry;
    private final SourceAge age;
    private final MultiGauge sinkLatency;
    private final MultiGauge pipelineLatency;
    private volatile Totals.Stats last;
    private boolean available = true;

    TableMetrics(Totals totals, JdbcClient jdbc, MeterRegistry registry) {
        this.totals = totals;
        this.jdbc = jdbc;
        this.registry = registry;
        this.age = SourceAge.register("postgres", registry);
        this.sinkLatency = MultiGauge.builder("sink_latency_seconds")
                .description("Time from the stream's output to the row, of the newest " + LATENCY_SAMPLES + " orders")
                .register(registry);
        this.pipelineLatency = MultiGauge.builder("end_to_end_latency_seconds")
                .description("Time from created_at to the row, of the newest " + LATENCY_SAMPLES + " orders")
                .register(registry);
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            boolean first = last == null;
            last = totals.read();
            if (first) {
                registerCounters();
            }
            sinkLatency.register(latency("processed_at"), true);
            pipelineLatency.register(latency("created_at"), true);
            age.update();
            available = true;
        } catch (DataAccessException e) {
            if (available) {
                log.warn("Totals are unavailable cause=\"{}\"", DatabaseProblems.reason(e));
            }
            available = false;
            sinkLatency.register(List.of());
            pipelineLatency.register(List.of());
        }
    }

    private void registerCounters() {
        register("messages_in_database", "Rows of processed_messages", Totals.Stats::totalProcessedMessages);
        register("orders_in_database", "Distinct orders in processed_messages", Totals.Stats::totalUniqueOrders);
        register(
                "duplicates_emitted",
                "Rows of processed_messages after the first row of the same order",
                Totals.Stats::duplicatesEmitted);
        register("duplicates_rejected", "Rows of duplicate_messages", Totals.Stats::duplicatesRejected);
        register("conflicts_in_database", "Rows of duplicate_messages with other content", Totals.Stats::conflicts);
    }

    private void register(String name, String description, ToDoubleFunction<Totals.Stats> value) {
        FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.last))
                .description(description)
                .register(registry);
    }

    /** @param start the column of `orders` that contains the start time */
    private List<Row<?>> latency(String start) {
        return jdbc.sql("""
                        SELECT avg(seconds) AS mean,
                               percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
                               percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds) AS p99
                          FROM (SELECT order_id, %s AS start FROM orders ORDER BY processed_at DESC LIMIT ?) newest,
                               LATERAL (SELECT extract(epoch FROM sunk_at - start)::float8 AS seconds
                                          FROM processed_messages p WHERE p.order_id = newest.order_id LIMIT 1) sunk
                        HAVING count(*) > 0""".formatted(start)).param(LATENCY_SAMPLES).query().listOfRows().stream()
                .flatMap(row -> row.entrySet().stream())
                .<Row<?>>map(column -> Row.of(Tags.of("statistic", column.getKey()), (Number) column.getValue()))
                .toList();
    }
}
