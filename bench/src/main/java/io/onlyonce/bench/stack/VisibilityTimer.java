package io.onlyonce.bench.stack;

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

/** Measures the time from the acknowledgment of an order until its row is visible in the table {@code orders}. */
final class VisibilityTimer implements Callable<Histogram> {
    /** The resolution: a measured time is at most this much too long, and never too short. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    private final Connection connection;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private volatile boolean complete;

    VisibilityTimer(Connection connection) {
        this.connection = connection;
    }

    /** Starts the time of an order. Thread-safe. */
    void acknowledged(String orderId) {
        acknowledged.put(orderId, System.nanoTime());
    }

    /** Must be called after the last order, also after a failure. */
    void complete() {
        complete = true;
    }

    /** @return the times in nanoseconds, after all acknowledged orders are visible */
    @Override
    public Histogram call() throws SQLException, InterruptedException {
        Histogram latencies = new Histogram(3);
        long progress = System.nanoTime();
        try (PreparedStatement query =
                connection.prepareStatement("SELECT order_id FROM orders WHERE order_id = ANY(?)")) {
            while (!complete || !acknowledged.isEmpty()) {
                List<String> visible = visible(query);
                long now = System.nanoTime();
                for (String id : visible) {
                    latencies.recordValue(now - acknowledged.remove(id));
                }
                if (!visible.isEmpty() || acknowledged.isEmpty()) {
                    progress = now;
                } else if (now - progress > STALL_TIMEOUT.toNanos()) {
                    throw new IllegalStateException(
                            acknowledged.size() + " acknowledged orders are missing from the table");
                }
                Thread.sleep(POLL_INTERVAL);
            }
        }
        return latencies;
    }

    private List<String> visible(PreparedStatement query) throws SQLException {
        List<String> visible = new ArrayList<>();
        String[] ids = acknowledged.keySet().toArray(String[]::new);
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
