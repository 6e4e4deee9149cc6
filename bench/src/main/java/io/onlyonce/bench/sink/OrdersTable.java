package io.onlyonce.bench.sink;

import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.PostgresServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The table {@code orders}, with the baseline of the sink. */
final class OrdersTable implements AutoCloseable {
    static final int ROWS_PER_STATEMENT = 1_000;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final String ROW = "(?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String UPSERT = """
            INSERT INTO orders (order_id, customer_id, items, total_amount, created_at, status, processed_at,
                                consumer_id, processing_mode, source_partition, source_offset)
            VALUES %s
            ON CONFLICT (order_id) DO UPDATE SET
                customer_id = excluded.customer_id, items = excluded.items, total_amount = excluded.total_amount,
                created_at = excluded.created_at, status = excluded.status, processed_at = excluded.processed_at,
                consumer_id = excluded.consumer_id, processing_mode = excluded.processing_mode,
                source_partition = excluded.source_partition, source_offset = excluded.source_offset""".formatted(String.join(", ", Collections.nCopies(ROWS_PER_STATEMENT, ROW)));

    private final Connection connection;

    OrdersTable(PostgresServer postgres) throws SQLException {
        connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
        // Parallel workers would take processor time from the candidates.
        execute("SET max_parallel_workers_per_gather = 0");
    }

    /** Returns an order of the run, computed from its number, so that all candidates write the same rows. */
    static ProcessedOrder row(int i) {
        // Scattered like random ids, and unique, because multiplication by an odd number is a bijection.
        String id = new UUID(i * 0x9E3779B97F4A7C15L, i).toString();
        Instant time = BEGIN.plusMillis(i);
        Order order = RecordWriter.order(id, i % 100_000, BigDecimal.valueOf(100 + i % 9_900, 2), time);
        int partition = i % Topics.DEFAULT_PARTITIONS;
        return new ProcessedOrder(order, time, "consumer-1", ProcessingMode.EXACTLY_ONCE, partition, i);
    }

    long rows() throws SQLException {
        return number("SELECT count(*) FROM orders");
    }

    /** Returns a checksum of the rows that does not depend on their order. */
    long checksum() throws SQLException {
        return number("SELECT sum(hashtext(orders::text)) FROM orders");
    }

    void truncate() throws SQLException {
        execute("TRUNCATE orders");
    }

    /**
     * The baseline, and an upper limit: a loop with {@value #ROWS_PER_STATEMENT} rows per statement and a commit after each
     * statement. Only binding, sending and committing the rows is measured, not their creation.
     *
     * @param count a multiple of {@value #ROWS_PER_STATEMENT}
     * @return rows per second, without the first {@code unmeasured} rows
     */
    double upsert(int count, int unmeasured) throws SQLException {
        long nanos = 0;
        int measured = 0;
        try (PreparedStatement statement = connection.prepareStatement(UPSERT)) {
            for (int first = 0; first < count; first += ROWS_PER_STATEMENT) {
                List<ProcessedOrder> batch = IntStream.range(first, first + ROWS_PER_STATEMENT)
                        .mapToObj(OrdersTable::row)
                        .toList();
                long start = System.nanoTime();
                bind(statement, batch);
                statement.executeUpdate();
                if (first >= unmeasured) {
                    nanos += System.nanoTime() - start;
                    measured += ROWS_PER_STATEMENT;
                }
            }
        }
        return measured / (nanos / 1e9);
    }

    private static void bind(PreparedStatement statement, List<ProcessedOrder> batch) throws SQLException {
        int parameter = 1;
        for (ProcessedOrder processed : batch) {
            statement.setString(parameter++, processed.order().orderId());
            statement.setString(parameter++, processed.order().customerId());
            statement.setString(parameter++, json(processed.order().items()));
            statement.setBigDecimal(parameter++, processed.order().totalAmount());
            statement.setObject(parameter++, processed.order().createdAt().atOffset(ZoneOffset.UTC));
            statement.setString(parameter++, ProcessedOrder.STATUS);
            statement.setObject(parameter++, processed.processedAt().atOffset(ZoneOffset.UTC));
            statement.setString(parameter++, processed.consumerId());
            statement.setString(parameter++, processed.processingMode().wireName());
            statement.setInt(parameter++, processed.partition());
            statement.setLong(parameter++, processed.offset());
        }
    }

    /** The names in these rows need no escaping. */
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
