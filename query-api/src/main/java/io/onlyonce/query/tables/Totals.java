package io.onlyonce.query.tables;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Reads the counters that triggers update in the same transactions as the tables. They are exact, and the time to read
 * them does not depend on the number of rows.
 */
@Component
public final class Totals {
    private static final int MAX_REPEATED_ORDERS = 100;

    private final JdbcClient jdbc;

    Totals(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param rows number of rows of `processed_messages` with this order_id; at least 2 */
    record RepeatedOrder(String orderId, long rows) {}

    /** Reads all counters in one statement, so that they are consistent with each other. */
    public ProcessingStats read() {
        return jdbc.sql("""
                        SELECT t.*, c.consumer_id, c.messages AS consumer_messages
                        FROM processing_totals t LEFT JOIN messages_by_consumer c ON true""").query(Totals::stats);
    }

    private static ProcessingStats stats(ResultSet row) throws SQLException {
        Map<String, Long> byConsumer = new TreeMap<>();
        ProcessingStats stats = null;
        while (row.next()) {
            if (row.getString("consumer_id") != null) {
                byConsumer.put(row.getString("consumer_id"), row.getLong("consumer_messages"));
            }
            stats = new ProcessingStats(
                    row.getLong("messages"),
                    row.getLong("orders"),
                    row.getLong("duplicates_emitted"),
                    row.getLong("duplicates_rejected"),
                    byConsumer,
                    row.getLong("messages_last_minute"),
                    instant(row, "first_processed"),
                    instant(row, "last_processed"));
        }
        return stats;
    }

    /** Returns the first hundred orders that were processed more than once, by order_id. */
    List<RepeatedOrder> repeatedOrders() {
        return jdbc.sql("SELECT order_id, repetitions + 1 AS rows FROM repeated_orders ORDER BY order_id LIMIT ?")
                .param(MAX_REPEATED_ORDERS)
                .query(RepeatedOrder.class)
                .list();
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
