package io.onlyonce.query.tables;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.onlyonce.model.Topics;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.SharedRuns;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.LagCalculator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Counts the orders that are acknowledged but not stored yet. Thread-safe. */
@Component
public final class InFlight {
    /** The largest value of the parameter {@code wait}, in seconds. */
    private static final int MAX_WAIT = 60;

    /** The figures of the tables do not depend on Kafka, and must not wait for it for long. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(100);

    private final LagCalculator lag;
    private final JdbcClient jdbc;
    private final SharedRuns<Long> counts = new SharedRuns<>("count of the orders in flight", cancelled -> count());
    private final MultiGauge gauge;

    InFlight(LagCalculator lag, JdbcClient jdbc, MeterRegistry registry) {
        this.lag = lag;
        this.jdbc = jdbc;
        this.gauge = MultiGauge.builder("orders_in_flight")
                .description(
                        "Acknowledged orders that are not stored yet; no value while Kafka or PostgreSQL is unavailable")
                .register(registry);
    }

    /**
     * Returns the number of orders in flight. If it is 0, the tables contain everything that was acknowledged before the
     * call. Waits until it is 0 or the time is over.
     *
     * @param seconds 0 to 60
     * @return null if Kafka does not answer
     */
    public Long await(int seconds) {
        if (seconds < 0 || seconds > MAX_WAIT) {
            throw new IllegalArgumentException(
                    "wait must be between 0 and %d seconds, but was %d".formatted(MAX_WAIT, seconds));
        }
        Deadline deadline = Deadline.in(Duration.ofSeconds(seconds));
        try {
            while (true) {
                Long count = countOrNull();
                if ((count != null && count == 0) || !deadline.sleep(POLL_INTERVAL)) {
                    return count;
                }
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    private Long countOrNull() {
        try {
            return counts.get(TIMEOUT);
        } catch (UnavailableException e) {
            return null;
        }
    }

    /** Reads the stored positions first. If records are stored in the meantime, the result is too large, but never too small. */
    private long count() {
        Map<TopicPartition, Long> stored = new HashMap<>();
        addStoredPositions(stored, Topics.PROCESSED, "processed_messages", "processed_counters");
        addStoredPositions(stored, Topics.DUPLICATES, "duplicate_messages", "duplicate_counters");
        return lag.ordersInFlight(stored);
    }

    /** Reads the last entry of the primary key of each partition. Every partition with rows has a counter. */
    private void addStoredPositions(Map<TopicPartition, Long> positions, String topic, String table, String counters) {
        jdbc.sql("""
                        SELECT c.partition, (SELECT max(__connect_offset) + 1 FROM %s
                                              WHERE __connect_topic = ? AND __connect_partition = c.partition) AS position
                          FROM (SELECT DISTINCT partition FROM %s) c""".formatted(table, counters)).param(topic).query(row -> {
            // 0 if all rows were deleted.
            positions.put(new TopicPartition(topic, row.getInt("partition")), row.getLong("position"));
        });
    }

    @Scheduled(fixedDelayString = "${onlyonce.query.metrics-interval}")
    void publish() {
        try {
            gauge.register(List.of(MultiGauge.Row.of(Tags.empty(), counts.get(TIMEOUT))), true);
        } catch (UnavailableException | DataAccessException e) {
            gauge.register(List.of());
        }
    }
}
