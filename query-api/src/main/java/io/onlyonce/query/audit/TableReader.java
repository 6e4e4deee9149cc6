package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.util.Properties;
import java.util.function.ObjLongConsumer;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.RowCallbackHandler;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Streams the rows of the tables. Bypasses the connection pool, because its timeouts are too short for full scans. */
final class TableReader {
    private static final int FETCH_SIZE = 2000;

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

    private final JdbcConnectionDetails database;
    private final Runnable check;

    TableReader(JdbcConnectionDetails database, Runnable check) {
        this.database = database;
        this.check = check;
    }

    interface OrderRowVisitor {
        void visit(String orderId, OrderDigest digest, long source);
    }

    long countProcessedRows() {
        try (SingleConnectionDataSource connection = connection()) {
            return new JdbcTemplate(connection).queryForObject("SELECT count(*) FROM processed_messages", Long.class);
        }
    }

    /** @param visitor receives the order_id and the coordinates of the record of each row */
    void readProcessedRows(AuditPass.Shard shard, ObjLongConsumer<String> visitor) {
        read(
                PROCESSED_ROWS,
                shard,
                row -> visitor.accept(row.getString(1), RecordCoordinates.of(row.getInt(2), row.getLong(3))));
    }

    void readOrderRows(AuditPass.Shard shard, OrderRowVisitor visitor) {
        read(ORDER_ROWS, shard, row -> {
            long source = RecordCoordinates.of(row.getInt(3), row.getLong(4));
            visitor.visit(row.getString(1), digest(row.getString(2)), source);
        });
    }

    private static OrderDigest digest(String json) {
        try {
            return OrderDigest.of(OrderJson.readOrder(json.getBytes(UTF_8)));
        } catch (InvalidOrderException e) {
            return OrderDigest.INVALID;
        }
    }

    private void read(String sql, AuditPass.Shard shard, RowCallbackHandler handler) {
        try (SingleConnectionDataSource connection = connection()) {
            JdbcTemplate jdbc = new JdbcTemplate(connection);
            jdbc.setFetchSize(FETCH_SIZE);
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
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("readOnly", "true");
        connection.setConnectionProperties(properties);
        // The driver uses the fetch size only within a transaction.
        connection.setAutoCommit(false);
        return connection;
    }
}
