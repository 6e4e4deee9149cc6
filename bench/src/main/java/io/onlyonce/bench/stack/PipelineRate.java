package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Polling;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Measures how many orders per second pass through the complete pipeline, from the request to the row, and compares it with
 * the pipeline of a tutorial. After each round, every acknowledged order must be stored as exactly one row.
 */
public final class PipelineRate {
    /**
     * Under full load, the JIT compilers compete with the load for two processors. In a test, the rate of this pipeline increased
     * for four minutes. The rate of the textbook pipeline was stable after two minutes.
     */
    private static final int WARM_UP_ROUNDS = 6;

    /**
     * With more connections, a transaction of this pipeline contains more orders. The textbook pipeline has one transaction per
     * request, and reached the same rate with 64 and with 256 connections.
     */
    private static final int CONNECTIONS = 256;

    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(180);

    private final BenchScale scale;
    private final BenchReport report;

    private PipelineRate(BenchScale scale, BenchReport report) {
        this.scale = scale;
        this.report = report;
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        new PipelineRate(scale, report).run();
    }

    private void run() throws Exception {
        Rounds ours;
        try (DetachedStack stack = new DetachedStack(Map.of())) {
            stack.up();
            try (Connection database = stack.connectToDatabase()) {
                ours = rates("this pipeline", stack.producer(), database, stack::processorTimes);
            }
        }
        Rounds textbook;
        try (Textbook pipeline = new Textbook();
                Connection database = pipeline.connectToDatabase()) {
            textbook = rates("textbook", pipeline.producer(), database, pipeline::processorTimes);
            pipeline.checkAlive();
        }
        report.result(Result.ratio("pipeline.vs_textbook", ours, "orders/s", "textbook", textbook, 3)
                .withNote(CONNECTIONS + " connections in a closed loop; the time ends when all rows are stored"));
    }

    private Rounds rates(String name, URI producer, Connection database, Callable<Map<String, Duration>> processorTimes)
            throws Exception {
        Rounds rates = new Rounds();
        try (HttpLoad load = new HttpLoad(producer.resolve("/orders"), CONNECTIONS)) {
            for (int round = 1; round <= WARM_UP_ROUNDS; round++) {
                warmUp(load, database);
                report.progress("%s, warm-up", name);
            }
            for (int round = 1; round <= scale.rounds(); round++) {
                Map<String, Duration> before = processorTimes.call();
                Measured measured = rate(load, scale.load(), database);
                Map<String, Double> costs = PipelineCost.perOrder(before, processorTimes.call(), measured.orders());
                report.progress(
                        "%s, round %d: %,.0f orders/s; us of processor time per order: %s",
                        name, round, measured.rate(), PipelineCost.list(costs));
                rates.add(measured.rate());
            }
        }
        return rates;
    }

    /**
     * Applies load without a measurement. Before the JVMs are warm, the pipeline can reject requests, and can store orders whose
     * requests received no response.
     */
    private void warmUp(HttpLoad load, Connection database) throws Exception {
        long rowsBefore = rows(database);
        HttpLoad.Result result = load.asFastAsPossible(scale.warmUp());
        long sent = result.succeeded();
        Polling.await("the warm-up is stored", DRAIN_TIMEOUT, () -> rows(database) >= rowsBefore + sent);
        if (!result.failures().isEmpty()) {
            report.progress(
                    "%d requests of the warm-up failed", result.failures().size());
        }
    }

    /** @param rate in orders per second */
    private record Measured(long orders, double rate) {}

    private static Measured rate(HttpLoad load, Duration duration, Connection database) throws Exception {
        long rowsBefore = rows(database);
        long start = System.nanoTime();
        long sent = load.asFastAsPossible(duration).requireNoFailures().succeeded();
        Polling.await(
                "%,d orders are stored".formatted(sent), DRAIN_TIMEOUT, () -> rows(database) >= rowsBefore + sent);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (rows(database) != rowsBefore + sent) {
            throw new IllegalStateException("%,d orders became %,d rows".formatted(sent, rows(database) - rowsBefore));
        }
        return new Measured(sent, sent / seconds);
    }

    /** Returns the number of rows. The primary key is the order_id, so no order has two rows. */
    private static long rows(Connection database) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
            row.next();
            return row.getLong(1);
        }
    }
}
