package io.onlyonce.query.tables;

import io.onlyonce.web.HealthCheck;
import io.swagger.v3.oas.annotations.media.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads the counters that triggers update in the same transactions as the tables. They are exact, and the time to read
 * them does not depend on the number of rows. A successful read also shows that the database is healthy.
 */
@Component
public final class Totals implements HealthCheck {
    private final JdbcClient jdbc;

    Totals(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * The figures of {@code GET /stats}.
     *
     * @param totalProcessedMessages rows of `processed_messages`, one for each record committed to `orders.processed`
     * @param totalUniqueOrders distinct order_ids among them
     * @param duplicatesEmitted the difference; always 0 under exactly-once
     * @param duplicatesRejected rows of `duplicate_messages`
     * @param conflicts rejected duplicates whose content differs from the first record with the same order_id
     * @param messagesByConsumer rows of `processed_messages` by stream instance
     * @param processingRatePerMinute number of messages processed in the last 60 seconds
     * @param firstProcessed null if there is none, like `lastProcessed`
     */
    @Schema(name = "Totals")
    public record Stats(
            long totalProcessedMessages,
            long totalUniqueOrders,
            long duplicatesEmitted,
            long duplicatesRejected,
            long conflicts,
            Map<String, Long> messagesByConsumer,
            long processingRatePerMinute,
            @Nullable Instant firstProcessed,
            @Nullable Instant lastProcessed) {}

    @Override
    public Optional<String> problem() {
        try {
            read();
            return Optional.empty();
        } catch (DataAccessException e) {
            return Optional.of(DatabaseProblems.reason(e));
        }
    }

    /** Reads all counters in one statement, so that they are consistent with each other. */
    public Stats read() {
        return jdbc.sql("""
                        SELECT t.*, c.consumer_id, c.messages AS consumer_messages
                        FROM processing_totals t LEFT JOIN messages_by_consumer c ON true""").query(Totals::stats);
    }

    private static Stats stats(ResultSet row) throws SQLException {
        Map<String, Long> byConsumer = new TreeMap<>();
        Stats stats = null;
        while (row.next()) {
            if (row.getString("consumer_id") != null) {
                byConsumer.put(row.getString("consumer_id"), row.getLong("consumer_messages"));
            }
            stats = new Stats(
                    row.getLong("messages"),
                    row.getLong("orders"),
                    row.getLong("duplicates_emitted"),
                    row.getLong("duplicates_rejected"),
                    row.getLong("conflicts"),
                    byConsumer,
                    row.getLong("messages_last_minute"),
                    instant(row, "first_processed"),
                    instant(row, "last_processed"));
        }
        return stats;
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
