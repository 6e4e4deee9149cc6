package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import io.onlyonce.query.UnavailableException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.stereotype.Component;

/** Reads the tables row by row, over a connection of its own: a scan of millions of rows is no business of the pool's. */
@Component
final class Tables {
    private static final int FETCH_SIZE = 2000;
    private static final int SILENCE_SECONDS = 60;

    private static final String PROCESSED_ROWS = """
            SELECT order_id, __connect_partition, __connect_offset FROM processed_messages
            WHERE __connect_topic = '%s' AND crc32(convert_to(order_id, 'UTF8')) %% ? = ?
            """.formatted(Topics.PROCESSED);

    /** The order as JSON, so that a row and a record are read by the same code. */
    private static final String ORDER_ROWS = """
            SELECT order_id, json_build_object(
                'order_id', order_id, 'customer_id', customer_id, 'items', items, 'total_amount', total_amount,
                'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')),
                source_partition, source_offset
            FROM orders WHERE crc32(convert_to(order_id, 'UTF8')) % ? = ?
            """;

    private final JdbcConnectionDetails database;

    Tables(JdbcConnectionDetails database) {
        this.database = database;
    }

    /** A row of `processed_messages`. */
    interface ProcessedRowVisitor {
        void visit(String orderId, long at);
    }

    /** A row of `orders`. */
    interface OrderRowVisitor {
        void visit(String orderId, Content content, long source);
    }

    long countProcessedRows() {
        try (Connection connection = connect();
                ResultSet count =
                        connection.createStatement().executeQuery("SELECT count(*) FROM processed_messages")) {
            count.next();
            return count.getLong(1);
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    void readProcessedRows(Slice slice, AuditClock clock, ProcessedRowVisitor visitor) {
        read(
                PROCESSED_ROWS,
                slice,
                clock,
                row -> visitor.visit(row.getString(1), At.of(row.getInt(2), row.getLong(3))));
    }

    void readOrderRows(Slice slice, AuditClock clock, OrderRowVisitor visitor) {
        read(
                ORDER_ROWS,
                slice,
                clock,
                row -> visitor.visit(
                        row.getString(1), content(row.getString(2)), At.of(row.getInt(3), row.getLong(4))));
    }

    private static Content content(String json) {
        try {
            return Content.of(OrderJson.readOrder(json.getBytes(UTF_8)));
        } catch (InvalidOrderException e) {
            return Content.NONE;
        }
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private void read(String sql, Slice slice, AuditClock clock, RowReader reader) {
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, slice.count());
            statement.setInt(2, slice.index());
            statement.setFetchSize(FETCH_SIZE);
            try (ResultSet rows = statement.executeQuery()) {
                for (long read = 0; rows.next(); read++) {
                    if (read % FETCH_SIZE == 0) {
                        clock.check();
                    }
                    reader.read(rows);
                }
            }
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", database.getUsername());
        properties.setProperty("password", database.getPassword());
        properties.setProperty("ApplicationName", "query-api-audit");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", Integer.toString(SILENCE_SECONDS));
        properties.setProperty("readOnly", "true");
        Connection connection = DriverManager.getConnection(database.getJdbcUrl(), properties);
        // The driver hands out rows as they come, rather than all at once, within a transaction only.
        connection.setAutoCommit(false);
        return connection;
    }

    private static UnavailableException unavailable(SQLException e) {
        return new UnavailableException("PostgreSQL does not answer: " + e.getMessage(), e);
    }
}
