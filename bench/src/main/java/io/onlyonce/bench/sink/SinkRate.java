package io.onlyonce.bench.sink;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.PostgresServer;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures how many orders per second each sink writes into all tables. Compares the sinks with a loop that uses COPY.
 */
public final class SinkRate {
    /**
     * Share of the orders, at the beginning of a run, that is not measured. During this time, the candidate opens
     * connections, PostgreSQL plans statements, and the JVM compiles code.
     */
    private static final double UNMEASURED_SHARE = 0.2;

    /** This interval is long enough that the queries that count the rows need little processor time. */
    private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(500);

    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

    private final SinkTables tables;
    private final int orders;
    private final int unmeasured;

    private SinkRate(SinkTables tables, int orders) {
        this.tables = tables;
        this.orders = orders;
        this.unmeasured = (int) (orders * UNMEASURED_SHARE);
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        int orders = scale.orders() / 3 / SinkTables.ROWS_PER_TRANSACTION * SinkTables.ROWS_PER_TRANSACTION;
        try (Platform platform = Platform.builder().withPostgres().withConnect().start();
                SinkConnectors transactional = new SinkConnectors(platform, Sink.TRANSACTIONAL);
                SinkConnectors debezium = new SinkConnectors(platform, Sink.DEBEZIUM)) {
            PostgresServer postgres = platform.postgres();
            Database database = new Database(postgres.jdbcUrl(), postgres.user(), postgres.password());
            new SinkSetup(Sink.TRANSACTIONAL, database, platform.connectUrl(), line -> {}).migrate();
            report.progress("writing %d processed orders", orders);
            report.figure("processed.record_bytes", writeToTopic(platform.bootstrapServers(), orders));
            try (SinkTables tables = new SinkTables(postgres)) {
                new SinkRate(tables, orders).measure(transactional, debezium, scale, report);
            }
        }
    }

    /**
     * Writes the processed orders to the topic.
     *
     * @return the average size of the key and the value of a record, in bytes
     */
    private static double writeToTopic(String bootstrapServers, int orders) {
        long bytes = 0;
        try (RecordWriter writer = new RecordWriter(bootstrapServers)) {
            for (int i = 0; i < orders; i++) {
                ProcessedOrder order = SinkTables.row(i);
                byte[] key = order.order().orderId().getBytes(StandardCharsets.UTF_8);
                byte[] value = OrderJson.write(order);
                bytes += key.length + value.length;
                writer.send(Topics.PROCESSED, key, value);
            }
            writer.flush();
        }
        return (double) bytes / orders;
    }

    private void measure(SinkConnectors transactional, SinkConnectors debezium, BenchScale scale, BenchReport report)
            throws Exception {
        report.progress("warm-up");
        sinkAll(debezium);
        long expected = tables.checksum();
        sinkAll(transactional);
        requireSameRows(expected);
        copyAll(expected);
        Rounds withTransactions = new Rounds();
        Rounds withDebezium = new Rounds();
        Rounds withCopy = new Rounds();
        Rounds.inTurn(scale.rounds(), List.of(withTransactions, withDebezium, withCopy), (round, candidate) -> {
            if (candidate == withCopy) {
                candidate.add(copyAll(expected));
            } else {
                candidate.add(sinkAll(candidate == withTransactions ? transactional : debezium));
                requireSameRows(expected);
            }
            report.progress("round %d of %d", round, scale.rounds());
        });
        report.figure("sink.orders_per_s", withTransactions.median());
        report.result(Result.ratio(
                "sink.transactional_vs_debezium",
                withTransactions,
                "orders/s",
                "three Debezium connectors",
                withDebezium,
                2.5));
        report.result(Result.ratio(
                "sink.transactional_vs_copy", withTransactions, "orders/s", "bare loop with COPY", withCopy, 0.6));
    }

    private double sinkAll(SinkConnectors connectors) throws IOException, InterruptedException, SQLException {
        tables.truncate();
        connectors.start();
        try {
            return sinkRate(connectors);
        } finally {
            connectors.remove();
        }
    }

    private double copyAll(long expected) throws SQLException, IOException {
        tables.truncate();
        double rate = tables.copy(orders, unmeasured);
        requireSameRows(expected);
        return rate;
    }

    private void requireSameRows(long expected) throws SQLException {
        if (tables.rows() != orders || tables.checksum() != expected) {
            throw new IllegalStateException("the candidates must write the same rows, but did not");
        }
    }

    /**
     * Returns the rate between two samples, in orders per second. The first sample is the first one after the
     * unmeasured rows. The second sample is the last one before the tables are complete. The sample that finds the
     * complete tables does not show when they became complete.
     */
    private double sinkRate(SinkConnectors connectors) throws IOException, InterruptedException, SQLException {
        List<Sample> measured = new ArrayList<>();
        Sample now = sample();
        for (Sample progress = now; now.rows() < orders; now = sample()) {
            if (now.rows() > progress.rows()) {
                progress = now;
            } else if (now.nanos() - progress.nanos() > STALL_TIMEOUT.toNanos()) {
                throw new IllegalStateException(
                        "the sink has stalled at %d of %d rows: %s".formatted(now.rows(), orders, connectors.status()));
            }
            if (now.rows() >= unmeasured) {
                measured.add(now);
            }
            Thread.sleep(SAMPLE_INTERVAL);
        }
        if (measured.isEmpty()) {
            throw new IllegalStateException(orders + " orders are too few to measure");
        }
        Sample first = measured.getFirst();
        // If only one sample was measured, the sample of the complete tables is the second sample.
        Sample last = measured.size() == 1 ? now : measured.getLast();
        return (last.rows() - first.rows()) / ((last.nanos() - first.nanos()) / 1e9);
    }

    private record Sample(long rows, long nanos) {}

    private Sample sample() throws SQLException {
        return new Sample(tables.rows(), System.nanoTime());
    }
}
