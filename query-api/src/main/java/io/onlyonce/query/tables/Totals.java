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
 * The counters that triggers keep beside the tables, in the transactions that fill them: exact, and as cheap with ten
 * million rows as with ten.
 */
@Component
public final class Totals {
    private static final int MAX_REPEATED = 100;

    private final JdbcClient jdbc;

    Totals(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param messages rows of `processed_messages`
     * @param orders distinct order_ids among them
     * @param duplicatesRejected rows of `duplicate_messages`
     * @param messagesLastMinute processed in the last 60 seconds
     * @param firstProcessed null while there is none, as is `lastProcessed`
     * @param messagesByConsumer rows of `processed_messages`, by the stream instance that made them
     */
    public record Snapshot(
            long messages,
            long orders,
            long duplicatesEmitted,
            long duplicatesRejected,
            long messagesLastMinute,
            Instant firstProcessed,
            Instant lastProcessed,
            Map<String, Long> messagesByConsumer) {}

    /** @param rows of `processed_messages` with this order_id: more than one */
    record RepeatedOrder(String orderId, long rows) {}

    /** One statement, so that all figures are of one moment. */
    public Snapshot read() {
        return jdbc.sql("""
                        SELECT t.*, c.consumer_id, c.messages AS consumer_messages
                        FROM processing_totals t LEFT JOIN messages_by_consumer c ON true""").query(Totals::snapshot);
    }

    private static Snapshot snapshot(ResultSet row) throws SQLException {
        Map<String, Long> byConsumer = new TreeMap<>();
        Snapshot snapshot = null;
        while (row.next()) {
            if (row.getString("consumer_id") != null) {
                byConsumer.put(row.getString("consumer_id"), row.getLong("consumer_messages"));
            }
            snapshot = new Snapshot(
                    row.getLong("messages"),
                    row.getLong("orders"),
                    row.getLong("duplicates_emitted"),
                    row.getLong("duplicates_rejected"),
                    row.getLong("messages_last_minute"),
                    instant(row, "first_processed"),
                    instant(row, "last_processed"),
                    byConsumer);
        }
        return snapshot;
    }

    /** The first hundred, by order_id. */
    List<RepeatedOrder> repeated() {
        return jdbc.sql("SELECT order_id, repetitions + 1 AS rows FROM repeated_orders ORDER BY order_id LIMIT ?")
                .param(MAX_REPEATED)
                .query((row, number) -> new RepeatedOrder(row.getString("order_id"), row.getLong("rows")))
                .list();
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
