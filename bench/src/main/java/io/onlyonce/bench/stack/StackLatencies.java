package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import io.onlyonce.bench.http.LoadResult;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** Measures the complete stack: start time and memory, time until an order is visible, and latency of the queries. */
public final class StackLatencies {
    private static final double ORDERS_PER_SECOND = 500;
    private static final int CONNECTIONS = 16;

    private static final List<String> QUERIES = List.of("/stats", "/stats/duplicates");
    private static final int REQUESTS_PER_QUERY = 300;
    private static final int UNMEASURED_REQUESTS = 50;
    /** Without it, code that is not compiled yet would make the queries over few rows slow, and the growth small. */
    private static final int WARM_UP_REQUESTS = 3_000;
    /** In one round of 300 requests, the p99 depends on three of them. */
    private static final int QUERY_ROUNDS = 5;

    private static final double FEW_ROWS_SHARE = 0.01;

    private final DetachedStack stack;
    private final BenchScale scale;
    private final BenchReport report;

    private StackLatencies(DetachedStack stack, BenchScale scale, BenchReport report) {
        this.stack = stack;
        this.scale = scale;
        this.report = report;
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        try (DetachedStack stack = new DetachedStack()) {
            StackLatencies measurement = new StackLatencies(stack, scale, report);
            measurement.startTime();
            measurement.visibility();
            measurement.queries();
        }
    }

    /** The stack runs afterwards. */
    private void startTime() throws IOException {
        Rounds starts = new Rounds();
        Rounds memory = new Rounds();
        for (int round = 1; round <= scale.rounds(); round++) {
            if (round > 1) {
                stack.down();
            }
            starts.add(stack.up().toNanos() / 1e6);
            memory.add(stack.residentMebibytes());
            report.progress("start %d of %d".formatted(round, scale.rounds()));
        }
        report.result(Result.atMost("start.ms", starts, "ms", 15_000)
                .withNote("without data, so initdb and topic creation included; resident memory afterwards: %,.0f MiB"
                        .formatted(memory.median())));
        report.result(Result.atMost("start.memory_mib", memory, "MiB", 2_560)
                .withNote("six components and PostgreSQL's child processes; shared pages are counted once"));
    }

    private void visibility() throws IOException, InterruptedException, SQLException, ExecutionException {
        Rounds p50 = new Rounds();
        Rounds p99 = new Rounds();
        double max = 0;
        try (HttpLoad load = new HttpLoad(stack.producer().resolve("/orders"), CONNECTIONS)) {
            report.progress("warm-up at %.0f orders/s".formatted(ORDERS_PER_SECOND));
            visibility(load, scale.warmUp());
            for (int round = 1; round <= scale.rounds(); round++) {
                Histogram latencies = visibility(load, scale.load().multipliedBy(2));
                p50.add(latencies.getValueAtPercentile(50) / 1e6);
                p99.add(latencies.getValueAtPercentile(99) / 1e6);
                max = Math.max(max, latencies.getMaxValue() / 1e6);
                report.progress(
                        "round %d of %d: %d orders".formatted(round, scale.rounds(), latencies.getTotalCount()));
            }
        }
        report.result(Result.atMost("e2e.latency_p50_ms", p50, "ms", 250)
                .withNote("%.0f orders/s".formatted(ORDERS_PER_SECOND)));
        report.result(Result.atMost("e2e.latency_p99_ms", p99, "ms", 600)
                .withNote("maximum %,.0f ms; resident memory afterwards: %,.0f MiB"
                        .formatted(max, stack.residentMebibytes())));
    }

    private Histogram visibility(HttpLoad load, Duration time)
            throws InterruptedException, SQLException, ExecutionException {
        try (Connection connection = stack.connectToDatabase();
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            VisibilityTimer timer = new VisibilityTimer(connection);
            Future<Histogram> latencies = thread.submit(timer);
            LoadResult sent;
            try {
                sent = load.paced(ORDERS_PER_SECOND, time, timer::acknowledged).requireNoFailures();
            } finally {
                timer.complete();
            }
            long visible = latencies.get().getTotalCount();
            if (visible != sent.succeeded()) {
                throw new IllegalStateException(
                        "%d orders were acknowledged, but %d are in the table".formatted(sent.succeeded(), visible));
            }
            return latencies.get();
        }
    }

    private void queries() throws IOException, InterruptedException, SQLException {
        TableFiller tables = new TableFiller(stack);
        int fewRows = (int) (scale.storedIds() * FEW_ROWS_SHARE);
        try (HttpClient http = HttpClient.newHttpClient()) {
            tables.fillTo(fewRows);
            slowestP99(http, WARM_UP_REQUESTS);
            Rounds withFewRows = queryRounds(http);
            report.progress("filling the tables with %,d rows".formatted(scale.storedIds()));
            long start = System.nanoTime();
            tables.fillTo(scale.storedIds());
            double perSecond = (scale.storedIds() - fewRows) / ((System.nanoTime() - start) / 1e9);
            report.progress("tables filled, %,.0f rows/s".formatted(perSecond));
            Rounds withAllRows = queryRounds(http);
            report.result(Result.atMost("stats.p99_ms", withAllRows, "ms", 50)
                    .withNote(
                            "%,d rows; the slower of %s".formatted(scale.storedIds(), String.join(" and ", QUERIES))));
            report.result(Result.growth(
                    "stats.growth", withAllRows, "ms", "with %,d rows".formatted(fewRows), withFewRows, 1.5));
        }
    }

    private Rounds queryRounds(HttpClient http) throws IOException, InterruptedException {
        slowestP99(http, UNMEASURED_REQUESTS);
        Rounds p99 = new Rounds();
        for (int round = 0; round < QUERY_ROUNDS; round++) {
            p99.add(slowestP99(http, REQUESTS_PER_QUERY));
        }
        return p99;
    }

    /** @return milliseconds, of the slowest query */
    private double slowestP99(HttpClient http, int requests) throws IOException, InterruptedException {
        double slowest = 0;
        for (String query : QUERIES) {
            slowest = Math.max(slowest, p99(http, stack.api().resolve(query), requests));
        }
        return slowest;
    }

    private static double p99(HttpClient http, URI query, int requests) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(query).build();
        Histogram latencies = new Histogram(3);
        for (int i = 0; i < requests; i++) {
            long start = System.nanoTime();
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            latencies.recordValue(System.nanoTime() - start);
            if (response.statusCode() != 200) {
                throw new IllegalStateException(query + " returned " + response.body());
            }
        }
        return latencies.getValueAtPercentile(99) / 1e6;
    }
}
