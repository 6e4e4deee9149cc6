package io.onlyonce.bench.whole;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.HdrHistogram.Histogram;

/** Looks for rows of the table {@code orders} until they are there, and takes the time. */
final class Visibility implements Callable<Histogram> {
    /** A row is seen so much too late at the most, and never too early. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(10);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final Map<String, Long> awaited = new ConcurrentHashMap<>();
    private volatile boolean complete;

    Visibility(Connection connection) {
        this.connection = connection;
    }

    /** From now on, its time runs. For any thread. */
    void await(String orderId) {
        awaited.put(orderId, System.nanoTime());
    }

    /** No other will be awaited. */
    void complete() {
        complete = true;
    }

    /** @return nanoseconds from {@link #await} to the row, of each; returns when all are there */
    @Override
    public Histogram call() throws SQLException, InterruptedException {
        Histogram latencies = new Histogram(3);
        long moved = System.nanoTime();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT order_id FROM orders WHERE order_id = ANY(?)")) {
            while (!complete || !awaited.isEmpty()) {
                List<String> visible = visible(query);
                long now = System.nanoTime();
                for (String id : visible) {
                    latencies.recordValue(now - awaited.remove(id));
                }
                if (!visible.isEmpty() || awaited.isEmpty()) {
                    moved = now;
                } else if (now - moved > PATIENCE.toNanos()) {
                    throw new IllegalStateException(
                            awaited.size() + " orders were acknowledged and do not come to the table");
                }
                Thread.sleep(LOOK_INTERVAL);
            }
        }
        return latencies;
    }

    private List<String> visible(PreparedStatement query) throws SQLException {
        List<String> visible = new ArrayList<>();
        String[] ids = awaited.keySet().toArray(String[]::new);
        if (ids.length > 0) {
            query.setArray(1, connection.createArrayOf("text", ids));
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    visible.add(rows.getString(1));
                }
            }
        }
        return visible;
    }
}
