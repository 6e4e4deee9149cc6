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

/**
 * Measures how many orders per second pass through the complete pipeline, from the request to the row, and compares it with
 * the pipeline of a tutorial. After each round, every acknowledged order must be one row.
 */
final class PipelineRate {
    /** The JVMs of both pipelines need this long to compile their code. */
    private static final int WARM_UP_ROUNDS = 3;

    private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(180);

    private final BenchScale scale;
    private final BenchReport report;

    PipelineRate(BenchScale scale, BenchReport report) {
        this.scale = scale;
        this.report = report;
    }

    void run() throws Exception {
        Rounds ours;
        try (DetachedStack stack = new DetachedStack(Map.of())) {
            stack.up();
            try (Connection database = stack.connectToDatabase()) {
                ours = rates("this pipeline", stack.producer(), database);
            }
        }
        Rounds textbook;
        try (Textbook pipeline = new Textbook();
                Connection database = pipeline.connectToDatabase()) {
            textbook = rates("textbook", pipeline.producer(), database);
            pipeline.checkAlive();
        }
        report.result(Result.ratio("pipeline.vs_textbook", ours, "orders/s", "textbook", textbook, 3)
                .withNote("64 connections in a closed loop; the time ends when all rows are stored"));
    }

    private Rounds rates(String name, URI producer, Connection database) throws Exception {
        Rounds rates = new Rounds();
        try (HttpLoad load = new HttpLoad(producer.resolve("/orders"), PipelineCost.CONNECTIONS)) {
            for (int round = 1 - WARM_UP_ROUNDS; round <= scale.rounds(); round++) {
                double rate = rate(load, round < 1 ? scale.warmUp() : scale.load(), database);
                report.progress("%s, %s: %,.0f orders/s", name, round < 1 ? "warm-up" : "round " + round, rate);
                if (round >= 1) {
                    rates.add(rate);
                }
            }
        }
        return rates;
    }

    private static double rate(HttpLoad load, Duration duration, Connection database) throws Exception {
        long rowsBefore = rows(database);
        long start = System.nanoTime();
        long sent = load.asFastAsPossible(duration).requireNoFailures().succeeded();
        Polling.await(
                "%,d orders are stored".formatted(sent), DRAIN_TIMEOUT, () -> rows(database) >= rowsBefore + sent);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (rows(database) != rowsBefore + sent) {
            throw new IllegalStateException("%,d orders became %,d rows".formatted(sent, rows(database) - rowsBefore));
        }
        return sent / seconds;
    }

    /** Returns the number of rows. The primary key is the order_id, so that no order has two rows. */
    private static long rows(Connection database) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
            row.next();
            return row.getLong(1);
        }
    }
}
