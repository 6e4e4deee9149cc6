package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** Measures the complete stack: start time and memory, time until an order is visible, and latency of the queries. */
public final class StackLatencies {
    private static final double ORDERS_PER_SECOND = 500;
    private static final int CONNECTIONS = 16;
    /** The resolution: a measured time is at most this much too long, and never too short. */
    private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(30);

    private StackLatencies() {}

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        try (DetachedStack stack = new DetachedStack()) {
            startTime(stack, scale, report);
            visibility(stack, scale, report);
            QueryLatencies.measure(stack, scale, report);
        }
    }

    /** The stack runs afterwards. */
    private static void startTime(DetachedStack stack, BenchScale scale, BenchReport report) throws IOException {
        Rounds starts = new Rounds();
        Rounds memory = new Rounds();
        for (int round = 1; round <= scale.rounds(); round++) {
            if (round > 1) {
                stack.down();
            }
            starts.add(stack.up().toNanos() / 1e6);
            memory.add(stack.residentMebibytes());
            report.progress("start %d of %d", round, scale.rounds());
        }
        report.result(Result.atMost("start.ms", starts, "ms", 15_000)
                .withNote("without data, so initdb and topic creation included; resident memory afterwards: %,.0f MiB"
                        .formatted(memory.median())));
        report.result(Result.atMost("start.memory_mib", memory, "MiB", 2_560)
                .withNote("six components and PostgreSQL's child processes; shared pages are counted once"));
    }

    /** Measures the time from the acknowledgment of an order until its row is visible in the table {@code orders}. */
    private static void visibility(DetachedStack stack, BenchScale scale, BenchReport report) throws Exception {
        Rounds p50 = new Rounds();
        Rounds p99 = new Rounds();
        double max = 0;
        String rate = "%.0f orders/s".formatted(ORDERS_PER_SECOND);
        try (HttpLoad load = new HttpLoad(stack.producer().resolve("/orders"), CONNECTIONS)) {
            report.progress("warm-up at %s", rate);
            visibility(stack, load, scale.warmUp());
            for (int round = 1; round <= scale.rounds(); round++) {
                Histogram latencies = visibility(stack, load, scale.load().multipliedBy(2));
                p50.add(latencies.getValueAtPercentile(50) / 1e6);
                p99.add(latencies.getValueAtPercentile(99) / 1e6);
                max = Math.max(max, latencies.getMaxValue() / 1e6);
                report.progress("round %d of %d: %d orders", round, scale.rounds(), latencies.getTotalCount());
            }
        }
        report.result(Result.atMost("e2e.latency_p50_ms", p50, "ms", 250).withNote(rate));
        report.result(Result.atMost("e2e.latency_p99_ms", p99, "ms", 600)
                .withNote("maximum %,.0f ms; resident memory afterwards: %,.0f MiB"
                        .formatted(max, stack.residentMebibytes())));
    }

    /** @return the times in nanoseconds, after all acknowledged orders are visible */
    private static Histogram visibility(DetachedStack stack, HttpLoad load, Duration time)
            throws InterruptedException, SQLException, ExecutionException {
        Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        Histogram latencies = new Histogram(3);
        try (Connection connection = stack.connectToDatabase();
                PreparedStatement query =
                        connection.prepareStatement("SELECT order_id FROM orders WHERE order_id = ANY(?)");
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<HttpLoad.Result> sending = thread.submit(
                    () -> load.paced(ORDERS_PER_SECOND, time, id -> acknowledged.put(id, System.nanoTime())));
            long progress = System.nanoTime();
            while (!sending.isDone() || !acknowledged.isEmpty()) {
                List<String> visible = visible(query, acknowledged.keySet().toArray(String[]::new));
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
            long sent = sending.get().requireNoFailures().succeeded();
            if (latencies.getTotalCount() != sent) {
                throw new IllegalStateException("%d orders were acknowledged, but %d are in the table"
                        .formatted(sent, latencies.getTotalCount()));
            }
            return latencies;
        }
    }

    private static List<String> visible(PreparedStatement query, String[] ids) throws SQLException {
        query.setArray(1, query.getConnection().createArrayOf("text", ids));
        List<String> visible = new ArrayList<>();
        try (ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                visible.add(rows.getString(1));
            }
        }
        return visible;
    }
}
