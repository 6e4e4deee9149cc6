package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.util.Properties;
import java.util.function.LongConsumer;
import java.util.function.ObjLongConsumer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Streams the rows of the tables. Bypasses the connection pool, because its timeouts are too short for full scans. */
final class TableReader {
    /** Rows without items have up to 0.5 KiB. */
    private static final int FETCH_SIZE = 2000;

    /** The driver keeps all rows of a fetch in memory. An order has up to 0.6 MiB. */
    private static final int ORDERS_FETCH_SIZE = 25;

    private static final String PROCESSED_ROWS = """
            SELECT order_id, __connect_partition, __connect_offset FROM processed_messages
            WHERE __connect_topic = '%s' AND crc32(convert_to(order_id, 'UTF8')) %% ? = ?
            """.formatted(Topics.PROCESSED);

    /** Selects the order as JSON, so that the same parser reads rows and records. */
    private static final String ORDER_ROWS = """
            SELECT order_id, json_build_object(
                'order_id', order_id, 'customer_id', customer_id, 'items', items, 'total_amount', total_amount,
                'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
                source_partition, source_offset
            FROM orders WHERE crc32(convert_to(order_id, 'UTF8')) % ? = ?
            """;

    private static final String CONFLICTS = """
            SELECT source_partition, source_offset FROM duplicate_messages
            WHERE conflict AND crc32(convert_to(order_id, 'UTF8')) % ? = ?
            """;

    private final JdbcConnectionDetails database;
    private final Runnable check;

    TableReader(JdbcConnectionDetails database, Runnable check) {
        this.database = database;
        this.check = check;
    }

    interface OrderRowVisitor {
        void visit(String orderId, OrderFingerprint fingerprint, long source);
    }

    /** Uses the counters, because counting ten million rows can exceed the timeout. */
    long countProcessedRows() {
        try (SingleConnectionDataSource connection = connection()) {
            return new JdbcTemplate(connection).queryForObject("SELECT messages FROM processing_totals", Long.class);
        }
    }

    /** @param visitor receives the order_id and the coordinates of the record of each row */
    void readProcessedRows(AuditPass.Shard shard, ObjLongConsumer<String> visitor) {
        read(
                PROCESSED_ROWS,
                FETCH_SIZE,
                shard,
                row -> visitor.accept(row.getString(1), RecordCoordinates.of(row.getInt(2), row.getLong(3))));
    }

    void readOrderRows(AuditPass.Shard shard, OrderRowVisitor visitor) {
        read(ORDER_ROWS, ORDERS_FETCH_SIZE, shard, row -> {
            long source = RecordCoordinates.of(row.getInt(3), row.getLong(4));
            visitor.visit(row.getString(1), fingerprint(row.getString(2)), source);
        });
    }

    /** @param visitor receives the coordinates in `orders` of each conflict */
    void readConflicts(AuditPass.Shard shard, LongConsumer visitor) {
        read(CONFLICTS, FETCH_SIZE, shard, row -> visitor.accept(RecordCoordinates.of(row.getInt(1), row.getLong(2))));
    }

    private static OrderFingerprint fingerprint(String json) {
        try {
            return OrderFingerprint.of(OrderJson.readOrder(json.getBytes(UTF_8)));
        } catch (InvalidOrderException e) {
            return OrderFingerprint.INVALID;
        }
    }

    private void read(String sql, int fetchSize, AuditPass.Shard shard, RowCallbackHandler handler) {
        try (SingleConnectionDataSource connection = connection()) {
            JdbcTemplate jdbc = new JdbcTemplate(connection);
            jdbc.setFetchSize(fetchSize);
            RowCallbackHandler checked = row -> {
                check.run();
                handler.processRow(row);
            };
            jdbc.query(sql, checked, shard.count(), shard.index());
        }
    }

    private SingleConnectionDataSource connection() {
        var connection = new SingleConnectionDataSource(
                database.getJdbcUrl(), database.getUsername(), database.getPassword(), true);
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "query-api-audit");
        properties.setProperty("connectTimeout", "2");
        // A frozen server accepts connections, and the driver waits for its response twice: with and without TLS.
        properties.setProperty("loginTimeout", "5");
        // Detects a frozen server. Applies to each fetch, not to the complete scan. Longer than statement_timeout.
        properties.setProperty("socketTimeout", "7");
        properties.setProperty("options", "-c statement_timeout=6s");
        properties.setProperty("readOnly", "true");
        connection.setConnectionProperties(properties);
        // The driver uses the fetch size only within a transaction.
        connection.setAutoCommit(false);
        return connection;
    }
}
