package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** Measures the latency of the queries with few rows and with many rows in the tables. */
final class QueryLatencies {
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

    private QueryLatencies() {}

    static void measure(DetachedStack stack, BenchScale scale, BenchReport report)
            throws IOException, InterruptedException, SQLException {
        int allRows = scale.storedIds();
        int fewRows = (int) (allRows * FEW_ROWS_SHARE);
        fill(stack, 0, fewRows);
        slowestP99(stack, WARM_UP_REQUESTS);
        Rounds withFewRows = rounds(stack);
        report.progress("filling the tables with %,d rows", allRows);
        long start = System.nanoTime();
        fill(stack, fewRows, allRows);
        report.progress(
                "tables filled, %,.0f rows/s", (allRows - fewRows) / ((System.nanoTime() - start) / 1e9));
        Rounds withAllRows = rounds(stack);
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

    private static Rounds rounds(DetachedStack stack) throws IOException, InterruptedException {
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
