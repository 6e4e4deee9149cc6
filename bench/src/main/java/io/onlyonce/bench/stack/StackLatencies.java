package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    private static final List<String> QUERIES = List.of("/stats", "/stats/duplicates");
    private static final int REQUESTS_PER_QUERY = 300;
    private static final int UNMEASURED_REQUESTS = 50;
    /** Without it, code that is not compiled yet would make the queries over few rows slow, and the growth small. */
    private static final int WARM_UP_REQUESTS = 3_000;
    /** In one round of 300 requests, the p99 depends on three of them. */
    private static final int QUERY_ROUNDS = 5;

    private static final double FEW_ROWS_SHARE = 0.01;
    /** Small enough that the sort in the trigger stays in memory. */
    private static final int ROWS_PER_TRANSACTION = 100_000;
    /** The ids are ascending, like the UUIDv7 ids that the ingest API generates. */
    private static final String ORDERS = """
            INSERT INTO orders
            SELECT 'filled-' || lpad(i::text, 29, '0'), 'customer-' || i % 100000,
                   '[{"name": "Widget Pro", "quantity": 2, "price": 49.99}, {"name": "Gadget", "quantity": 1, "price": 10.00}]',
                   109.98, now(), 'processed', now(), 'consumer-1', 'exactly-once', i % 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""";

    /** The offsets are larger than any offset of the topic. */
    private static final String PROCESSED_MESSAGES = """
            INSERT INTO processed_messages
            SELECT 'orders.processed', i % 6, 1000000000 + i, 'filled-' || lpad(i::text, 29, '0'), now(), 'consumer-1',
                   'exactly-once', i % 6, 1000000000 + i
            FROM generate_series(?::bigint, ?::bigint) i""";

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private StackLatencies() {}

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        try (DetachedStack stack = new DetachedStack()) {
            startTime(stack, scale, report);
            visibility(stack, scale, report);
            queries(stack, scale, report);
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

    /** Measures the latency of the queries with few rows and with many rows in the tables. */
    private static void queries(DetachedStack stack, BenchScale scale, BenchReport report) throws Exception {
        int allRows = scale.storedIds();
        int fewRows = (int) (allRows * FEW_ROWS_SHARE);
        fill(stack, 0, fewRows);
        slowestP99(stack, WARM_UP_REQUESTS);
        Rounds withFewRows = queryRounds(stack);
        report.progress("filling the tables with %,d rows", allRows);
        long start = System.nanoTime();
        fill(stack, fewRows, allRows);
        report.progress("tables filled, %,.0f rows/s", (allRows - fewRows) / ((System.nanoTime() - start) / 1e9));
        Rounds withAllRows = queryRounds(stack);
        report.result(Result.atMost("stats.p99_ms", withAllRows, "ms", 50)
                .withNote("%,d rows; the slower of %s".formatted(allRows, String.join(" and ", QUERIES))));
        String baseline = "with %,d rows".formatted(fewRows);
        report.result(Result.growth("stats.growth", withAllRows, "ms", baseline, withFewRows, 1.5));
    }

    /** Inserts rows without Kafka, with INSERT, so that the triggers count the rows like those of the sink. */
    private static void fill(DetachedStack stack, int present, int rows) throws InterruptedException, SQLException {
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> orders = thread.submit(() -> insert(stack, ORDERS, present, rows));
            insert(stack, PROCESSED_MESSAGES, present, rows);
            orders.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the tables could not be filled", e.getCause());
        }
    }

    private static Void insert(DetachedStack stack, String sql, int present, int rows) throws SQLException {
        try (Connection connection = stack.connectToDatabase();
                Statement settings = connection.createStatement();
                PreparedStatement insert = connection.prepareStatement(sql)) {
            // Durability is not needed: after a crash the experiment starts again.
            settings.execute("SET synchronous_commit = off");
            for (int first = present; first < rows; first += ROWS_PER_TRANSACTION) {
                insert.setLong(1, first + 1);
                insert.setLong(2, Math.min(rows, first + ROWS_PER_TRANSACTION));
                insert.executeUpdate();
            }
            return null;
        }
    }

    private static Rounds queryRounds(DetachedStack stack) throws IOException, InterruptedException {
        slowestP99(stack, UNMEASURED_REQUESTS);
        Rounds p99 = new Rounds();
        for (int round = 0; round < QUERY_ROUNDS; round++) {
            p99.add(slowestP99(stack, REQUESTS_PER_QUERY));
        }
        return p99;
    }

    /** @return milliseconds, of the slowest query */
    private static double slowestP99(DetachedStack stack, int requests) throws IOException, InterruptedException {
        double slowest = 0;
        for (String query : QUERIES) {
            HttpRequest request =
                    HttpRequest.newBuilder(stack.api().resolve(query)).build();
            Histogram latencies = new Histogram(3);
            for (int i = 0; i < requests; i++) {
                long start = System.nanoTime();
                HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
                latencies.recordValue(System.nanoTime() - start);
                if (response.statusCode() != 200) {
                    throw new IllegalStateException(query + " returned " + response.body());
                }
            }
            slowest = Math.max(slowest, latencies.getValueAtPercentile(99) / 1e6);
        }
        return slowest;
    }
}
