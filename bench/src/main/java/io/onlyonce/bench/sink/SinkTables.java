package io.onlyonce.bench.sink;

import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.PostgresServer;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * The tables of the sink. Also contains the upper limit for the rate of each sink: a loop that writes the same rows
 * with COPY.
 */
final class SinkTables implements AutoCloseable {
    /** Must be equal to {@code max.poll.records} of the connectors. */
    static final int ROWS_PER_TRANSACTION = 3_000;

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String COPY_ORDERS =
            "COPY orders (order_id, customer_id, items, total_amount, created_at, status, processed_at, consumer_id,"
                    + " processing_mode, source_partition, source_offset) FROM STDIN";
    private static final String COPY_MESSAGES =
            "COPY processed_messages (__connect_topic, __connect_partition, __connect_offset, order_id, processed_at,"
                    + " consumer_id, processing_mode, source_partition, source_offset) FROM STDIN";

    private final Connection connection;

    SinkTables(PostgresServer postgres) throws SQLException {
        connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
        // Parallel workers would take processor time from the candidates.
        execute("SET max_parallel_workers_per_gather = 0");
    }

    /**
     * Returns the order with the number {@code i}. It depends only on the number, so all candidates write the same
     * rows.
     */
    static ProcessedOrder row(int i) {
        // These ids are scattered like random ids. They are unique, because multiplication by an odd number
        // is a bijection.
        String id = new UUID(i * 0x9E3779B97F4A7C15L, i).toString();
        Instant time = BEGIN.plusMillis(i);
        Order order = RecordWriter.order(id, i % 100_000, BigDecimal.valueOf(100 + i % 9_900, 2), time);
        int partition = i % Topics.DEFAULT_PARTITIONS;
        return new ProcessedOrder(order, time, "consumer-1", ProcessingMode.EXACTLY_ONCE, partition, i);
    }

    /** Returns the number of orders that all tables contain. */
    long rows() throws SQLException {
        return number("SELECT least((SELECT count(*) FROM orders), (SELECT count(*) FROM processed_messages))");
    }

    /** Returns a checksum of the table {@code orders} that does not depend on the sequence of its rows. */
    long checksum() throws SQLException {
        return number("SELECT sum(hashtext(orders::text)) FROM orders");
    }

    void truncate() throws SQLException {
        execute("SELECT reset_lab()");
    }

    /**
     * Writes the orders and their messages, {@value #ROWS_PER_TRANSACTION} orders in each transaction. Measures the
     * time to send and commit the rows, not the time to create them.
     *
     * @param count a multiple of {@value #ROWS_PER_TRANSACTION}
     * @return the rate in orders per second, not including the first {@code unmeasured} orders
     */
    double copy(int count, int unmeasured) throws SQLException, IOException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        long nanos = 0;
        int measured = 0;
        for (int first = 0; first < count; first += ROWS_PER_TRANSACTION) {
            StringBuilder orders = new StringBuilder();
            StringBuilder messages = new StringBuilder();
            for (int i = first; i < first + ROWS_PER_TRANSACTION; i++) {
                append(row(i), i, orders, messages);
            }
            long start = System.nanoTime();
            connection.setAutoCommit(false);
            copy.copyIn(COPY_ORDERS, new StringReader(orders.toString()));
            copy.copyIn(COPY_MESSAGES, new StringReader(messages.toString()));
            connection.commit();
            connection.setAutoCommit(true);
            if (first >= unmeasured) {
                nanos += System.nanoTime() - start;
                measured += ROWS_PER_TRANSACTION;
            }
        }
        return measured / (nanos / 1e9);
    }

    private static void append(ProcessedOrder processed, int i, StringBuilder orders, StringBuilder messages) {
        Order order = processed.order();
        String tail = "%s\t%s\t%s\t%d\t%d\n"
                .formatted(
                        processed.processedAt(),
                        processed.consumerId(),
                        processed.processingMode().wireName(),
                        processed.partition(),
                        processed.offset());
        orders.append(order.orderId()).append('\t').append(order.customerId()).append('\t');
        orders.append(json(order.items()))
                .append('\t')
                .append(order.totalAmount())
                .append('\t');
        orders.append(order.createdAt())
                .append('\t')
                .append(ProcessedOrder.STATUS)
                .append('\t')
                .append(tail);
        messages.append(Topics.PROCESSED)
                .append('\t')
                .append(processed.partition())
                .append('\t')
                .append(i);
        messages.append('\t').append(order.orderId()).append('\t').append(tail);
    }

    /** Returns the items as JSON. The names of the items contain no characters that must be escaped. */
    private static String json(List<OrderItem> items) {
        return items.stream()
                .map(item -> "{\"name\":\"%s\",\"quantity\":%d,\"price\":%s}"
                        .formatted(item.name(), item.quantity(), item.price().toPlainString()))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private long number(String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void execute(String command) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(command);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
