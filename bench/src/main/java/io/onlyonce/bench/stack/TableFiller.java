package io.onlyonce.bench.stack;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Inserts rows into {@code orders} and {@code processed_messages} without Kafka. It uses INSERT, so that the triggers count
 * the rows like those of the sink.
 */
final class TableFiller {
    /** Small enough that the sort in the trigger stays in memory. */
    private static final int ROWS_PER_TRANSACTION = 100_000;

    /** Ascending, like the UUIDv7 ids that the ingest API generates. */
    private static final String ID = "'filled-' || lpad(i::text, 29, '0')";

    private static final String ORDERS = """
            INSERT INTO orders
            SELECT %s, 'customer-' || i %% 100000,
                   '[{"name": "Widget Pro", "quantity": 2, "price": 49.99}, {"name": "Gadget", "quantity": 1, "price": 10.00}]',
                   109.98, now(), 'processed', now(), 'consumer-1', 'exactly-once', i %% 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""".formatted(ID);

    /** The offsets are larger than any offset of the topic. */
    private static final String PROCESSED_MESSAGES = """
            INSERT INTO processed_messages
            SELECT 'orders.processed', i %% 6, 1000000000 + i, %s, now(), 'consumer-1', 'exactly-once', i %% 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""".formatted(ID);

    private final DetachedStack stack;
    private int filled;

    TableFiller(DetachedStack stack) {
        this.stack = stack;
    }

    /** @param rows total number of rows in each table that this filler has inserted, earlier calls included */
    void fillTo(int rows) throws SQLException, InterruptedException {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<?>> inserts = List.of(
                    threads.submit(() -> insert(ORDERS, rows)), threads.submit(() -> insert(PROCESSED_MESSAGES, rows)));
            for (Future<?> insert : inserts) {
                insert.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the tables could not be filled", e.getCause());
        }
        filled = rows;
    }

    private Void insert(String sql, int rows) throws SQLException {
        try (Connection connection = stack.connectToDatabase();
                Statement settings = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(sql)) {
            // Durability is not needed: after a crash the experiment starts again.
            settings.execute("SET synchronous_commit = off");
            for (int first = filled; first < rows; first += ROWS_PER_TRANSACTION) {
                insert.setLong(1, first + 1);
                insert.setLong(2, Math.min(rows, first + ROWS_PER_TRANSACTION));
                insert.executeUpdate();
            }
            return null;
        }
    }
}
