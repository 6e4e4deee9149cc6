package io.onlyonce.query.tables;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * How long the newest orders took from the stream's output to their row. The stream cannot know it, and Connect does not
 * tell: this is the last part of an order's way, as the stream's `processing_latency_seconds` is the one before. It stays
 * as it was while nothing comes.
 */
@Component
final class SinkLatency {
    /** Enough for a percentile; each costs one look into an index. */
    private static final int NEWEST = 200;

    private final JdbcClient jdbc;
    private final MultiGauge gauge;

    SinkLatency(JdbcClient jdbc, MeterRegistry registry) {
        this.jdbc = jdbc;
        this.gauge = MultiGauge.builder("sink_latency_seconds")
                .description("From the stream's output to the row, of the newest " + NEWEST + " orders")
                .register(registry);
    }

    /** A database that does not answer is told of by TableMetrics, which asks at the same pace. */
    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void refresh() {
        try {
            gauge.register(read(), true);
        } catch (DataAccessException e) {
            gauge.register(List.of());
        }
    }

    private List<Row<?>> read() {
        return jdbc.sql("""
                        SELECT avg(seconds) AS mean,
                               percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS p50,
                               percentile_cont(0.99) WITHIN GROUP (ORDER BY seconds) AS p99
                          FROM (SELECT order_id FROM orders ORDER BY processed_at DESC LIMIT ?) newest,
                               LATERAL (SELECT extract(epoch FROM sunk_at - processed_at)::float8 AS seconds
                                          FROM processed_messages p WHERE p.order_id = newest.order_id LIMIT 1) sunk
                        HAVING count(*) > 0""").param(NEWEST).query(SinkLatency::rows);
    }

    private static List<Row<?>> rows(ResultSet row) throws SQLException {
        return row.next() ? List.of(of("mean", row), of("p50", row), of("p99", row)) : List.of();
    }

    private static Row<?> of(String statistic, ResultSet row) throws SQLException {
        return Row.of(Tags.of("statistic", statistic), row.getDouble(statistic));
    }
}
