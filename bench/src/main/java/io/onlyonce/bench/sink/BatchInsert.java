package io.onlyonce.bench.sink;

import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.platform.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The baseline of the sink, and an upper limit: a loop over one connection with 1,000 rows per statement and a commit after
 * each statement. Only binding, sending and committing the rows is measured, not their creation.
 */
final class BatchInsert {
    static final int ROWS_PER_STATEMENT = 1_000;

    private static final String ROW = "(?, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?)";
    private static final String SQL = """
            INSERT INTO orders (order_id, customer_id, items, total_amount, created_at, status, processed_at,
                                consumer_id, processing_mode, source_partition, source_offset)
            VALUES %s
            ON CONFLICT (order_id) DO UPDATE SET
                customer_id = excluded.customer_id, items = excluded.items, total_amount = excluded.total_amount,
                created_at = excluded.created_at, status = excluded.status, processed_at = excluded.processed_at,
                consumer_id = excluded.consumer_id, processing_mode = excluded.processing_mode,
                source_partition = excluded.source_partition, source_offset = excluded.source_offset""".formatted(String.join(", ", Collections.nCopies(ROWS_PER_STATEMENT, ROW)));

    private final PostgresServer postgres;

    BatchInsert(PostgresServer postgres) {
        this.postgres = postgres;
    }

    /**
     * @param rows a multiple of {@link #ROWS_PER_STATEMENT}
     * @param unmeasured number of rows before the measurement starts
     * @return rows per second
     */
    double insert(int rows, int unmeasured) throws SQLException {
        long nanos = 0;
        int measured = 0;
        try (Connection connection = OrdersTable.connect(postgres);
                PreparedStatement statement = connection.prepareStatement(SQL)) {
            for (int first = 0; first < rows; first += ROWS_PER_STATEMENT) {
                List<ProcessedOrder> batch = IntStream.range(first, first + ROWS_PER_STATEMENT)
                        .mapToObj(ProcessedOrders::number)
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
}
