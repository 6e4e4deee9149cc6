package io.onlyonce.bench.whole;

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
 * Rows in {@code orders} and {@code processed_messages} without the way through Kafka. Inserted, not copied into place, so
 * that the triggers count them as they count the sink's.
 */
final class Filling {
    /** So many a transaction: few enough for the trigger's sorting to stay in memory. */
    private static final int CHUNK = 100_000;

    /** Ids in the order of their making, as the UUIDv7 that the ingest API gives. */
    private static final String ID = "'filled-' || lpad(i::text, 29, '0')";

    private static final String ORDERS = """
            INSERT INTO orders
            SELECT %s, 'customer-' || i %% 100000,
                   '[{"name": "Widget Pro", "quantity": 2, "price": 49.99}, {"name": "Gadget", "quantity": 1, "price": 10.00}]',
                   109.98, now(), 'processed', now(), 'consumer-1', 'exactly-once', i %% 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""".formatted(ID);

    /** Offsets far behind those that the topic has. */
    private static final String PROCESSED_MESSAGES = """
            INSERT INTO processed_messages
            SELECT 'orders.processed', i %% 6, 1000000000 + i, %s, now(), 'consumer-1', 'exactly-once', i %% 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""".formatted(ID);

    private final LabStack stack;
    private int filled;

    Filling(LabStack stack) {
        this.stack = stack;
    }

    /** @param rows that each of the tables shall have of this filling, with those that it has */
    void fillTo(int rows) throws SQLException, InterruptedException {
        try (ExecutorService tables = Executors.newFixedThreadPool(2)) {
            List<Future<?>> fillings = List.of(
                    tables.submit(() -> insert(ORDERS, rows)), tables.submit(() -> insert(PROCESSED_MESSAGES, rows)));
            for (Future<?> filling : fillings) {
                filling.get();
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
            // What a crash would lose here is filled again.
            settings.execute("SET synchronous_commit = off");
            for (int first = filled; first < rows; first += CHUNK) {
                insert.setLong(1, first + 1);
                insert.setLong(2, Math.min(rows, first + CHUNK));
                insert.executeUpdate();
            }
            return null;
        }
    }
}
