package io.onlyonce.bench.sink;

import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.platform.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The peer, and the limit: a bare loop over one connection, a thousand rows a statement, a commit each. Its rows are made
 * while the clock stands; binding, sending and committing them is what is measured.
 */
final class BatchInsert {
    private static final int ROWS = 1_000;
    private static final String ROW = "(?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final PostgresServer postgres;

    BatchInsert(PostgresServer postgres) {
        this.postgres = postgres;
    }

    /**
     * @param rows a multiple of a thousand
     * @param from where the clock starts
     * @return rows a second from there on
     */
    double insert(int rows, int from) throws SQLException {
        long nanos = 0;
        int measured = 0;
        String sql = """
            INSERT INTO orders (order_id, customer_id, items, total_amount, created_at, status, processed_at,
                                consumer_id, processing_mode, source_partition, source_offset)
            VALUES %s
            ON CONFLICT (order_id) DO UPDATE SET
                customer_id = excluded.customer_id, items = excluded.items, total_amount = excluded.total_amount,
                created_at = excluded.created_at, status = excluded.status, processed_at = excluded.processed_at,
                consumer_id = excluded.consumer_id, processing_mode = excluded.processing_mode,
                source_partition = excluded.source_partition, source_offset = excluded.source_offset""".formatted(String.join(", ", Collections.nCopies(ROWS, ROW)));
        try (Connection connection =
                        DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int first = 0; first < rows; first += ROWS) {
                List<ProcessedOrder> batch = batch(first);
                long begun = System.nanoTime();
                bind(statement, batch);
                statement.executeUpdate();
                if (first >= from) {
                    nanos += System.nanoTime() - begun;
                    measured += ROWS;
                }
            }
        }
        return measured / (nanos / 1e9);
    }

    private static List<ProcessedOrder> batch(int first) {
        List<ProcessedOrder> batch = new ArrayList<>(ROWS);
        for (int i = first; i < first + ROWS; i++) {
            batch.add(ProcessedOrders.number(i));
        }
        return batch;
    }

    private static void bind(PreparedStatement statement, List<ProcessedOrder> batch) throws SQLException {
        int parameter = 1;
        for (ProcessedOrder processed : batch) {
            statement.setString(parameter++, processed.order().orderId());
            statement.setString(parameter++, processed.order().customerId());
            statement.setString(parameter++, json(processed.order().items()));
            statement.setBigDecimal(parameter++, processed.order().totalAmount());
            setTime(statement, parameter++, processed.order().createdAt());
            statement.setString(parameter++, ProcessedOrder.STATUS);
            setTime(statement, parameter++, processed.processedAt());
            statement.setString(parameter++, processed.consumerId());
            statement.setString(parameter++, processed.processingMode().wireName());
            statement.setInt(parameter++, processed.partition());
            statement.setLong(parameter++, processed.offset());
        }
    }

    private static void setTime(PreparedStatement statement, int parameter, Instant time) throws SQLException {
        statement.setObject(parameter, time.atOffset(ZoneOffset.UTC));
    }

    /** The names of these rows need no escaping. */
    private static String json(List<OrderItem> items) {
        return items.stream()
                .map(item -> "{\"name\":\"%s\",\"quantity\":%d,\"price\":%s}"
                        .formatted(item.name(), item.quantity(), item.price().toPlainString()))
                .collect(Collectors.joining(",", "[", "]"));
    }
}
