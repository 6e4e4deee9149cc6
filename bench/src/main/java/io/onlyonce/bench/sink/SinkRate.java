package io.onlyonce.bench.sink;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Measures the rows per second of the shipped orders connector, and of a loop of upserts into the same table. */
public final class SinkRate {
    /** While these rows are written, connections are opened, statements planned and code compiled. */
    private static final double UNMEASURED_SHARE = 0.2;

    private static final double MIN_ROWS_PER_SECOND = 25_000;
    /** Long enough that counting the rows takes little processor time. */
    private static final Duration SAMPLE_INTERVAL = Duration.ofMillis(500);

    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

    private final OrdersTable table;
    private final OrdersConnector connector;
    private final int rows;
    private final int unmeasured;

    private SinkRate(OrdersTable table, OrdersConnector connector, int rows) {
        this.table = table;
        this.connector = connector;
        this.rows = rows;
        this.unmeasured = (int) (rows * UNMEASURED_SHARE);
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        int rows = scale.orders() / 3 / OrdersTable.ROWS_PER_STATEMENT * OrdersTable.ROWS_PER_STATEMENT;
        try (Platform platform = Platform.builder().withPostgres().withConnect().start();
                OrdersConnector connector = new OrdersConnector(platform);
                OrdersTable table = new OrdersTable(platform.postgres())) {
            report.progress("writing %d processed orders", rows);
            report.figure("processed.record_bytes", writeToTopic(platform.bootstrapServers(), rows));
            new SinkRate(table, connector, rows).measure(scale, report);
        }
    }

    /** @return the average size of a record's key and value in bytes */
    private static double writeToTopic(String bootstrapServers, int orders) {
        long bytes = 0;
        try (RecordWriter writer = new RecordWriter(bootstrapServers)) {
            for (int i = 0; i < orders; i++) {
                ProcessedOrder order = OrdersTable.row(i);
                byte[] key = order.order().orderId().getBytes(StandardCharsets.UTF_8);
                byte[] value = OrderJson.write(order);
                bytes += key.length + value.length;
                writer.send(Topics.PROCESSED, key, value);
            }
            writer.flush();
        }
        return (double) bytes / orders;
    }

    private void measure(BenchScale scale, BenchReport report) throws Exception {
        report.progress("warm-up");
        sinkAll();
        long expected = table.checksum();
        insertAll(expected);
        Rounds sink = new Rounds();
        Rounds inserts = new Rounds();
        Rounds.inTurn(scale.rounds(), List.of(sink, inserts), (round, candidate) -> {
            candidate.add(candidate == sink ? sinkAll() : insertAll(expected));
            report.progress("round %d of %d: %s", round, scale.rounds(), candidate == sink ? "sink" : "batch insert");
        });
        report.figure("sink.rows_per_s", sink.median());
        report.result(Result.ratio("sink.vs_batch_insert", sink, "rows/s", "multi-row upserts", inserts, 0.5)
                .withNote("%s %,.0f rows/s"
                        .formatted(sink.median() >= MIN_ROWS_PER_SECOND ? "at least" : "BELOW", MIN_ROWS_PER_SECOND)));
    }

    private double sinkAll() throws IOException, InterruptedException, SQLException {
        table.truncate();
        connector.start();
        try {
            return sinkRate();
        } finally {
            connector.remove();
        }
    }

    private double insertAll(long expected) throws SQLException {
        table.truncate();
        double rate = table.upsert(rows, unmeasured);
        if (table.rows() != rows || table.checksum() != expected) {
            throw new IllegalStateException("the candidates must write the same rows, but did not");
        }
        return rate;
    }

    /**
     * Returns the rate between two samples: the first one after the unmeasured rows, and the last one before the table is
     * complete. The sample that finds the complete table does not show when it was completed.
     */
    private double sinkRate() throws IOException, InterruptedException, SQLException {
        List<Sample> measured = new ArrayList<>();
        Sample now = sample();
        for (Sample progress = now; now.rows() < rows; now = sample()) {
            if (now.rows() > progress.rows()) {
                progress = now;
            } else if (now.nanos() - progress.nanos() > STALL_TIMEOUT.toNanos()) {
                throw new IllegalStateException(
                        "the sink has stalled at %d of %d rows: %s".formatted(now.rows(), rows, connector.status()));
            }
            if (now.rows() >= unmeasured) {
                measured.add(now);
            }
            Thread.sleep(SAMPLE_INTERVAL);
        }
        if (measured.isEmpty()) {
            throw new IllegalStateException(rows + " rows are too few to measure");
        }
        Sample first = measured.getFirst();
        // Complete within two samples: with so few rows, the end must serve as the second sample.
        Sample last = measured.size() == 1 ? now : measured.getLast();
        return (last.rows() - first.rows()) / ((last.nanos() - first.nanos()) / 1e9);
    }

    private record Sample(long rows, long nanos) {}

    private Sample sample() throws SQLException {
        return new Sample(table.rows(), System.nanoTime());
    }
}
