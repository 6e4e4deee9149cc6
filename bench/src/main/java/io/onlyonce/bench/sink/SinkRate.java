package io.onlyonce.bench.sink;

import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;
import io.onlyonce.sink.Database;
import io.onlyonce.sink.SinkSetup;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/** Rows a second of the shipped orders connector, beside a bare loop of upserts into the same table. */
public final class SinkRate implements Experiment {
    private static final int ROWS_PER_STATEMENT = 1_000;
    /** Until then, connections are opened, plans made and code compiled. */
    private static final double UNMEASURED_SHARE = 0.2;

    private static final double ENOUGH_PER_SECOND = 25_000;
    /** Rare enough that counting the rows takes little of the machine. */
    private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

    private static final Duration STANDSTILL = Duration.ofSeconds(60);

    private enum Contender {
        SINK,
        BATCH_INSERT
    }

    @Override
    public String name() {
        return "sink";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        int rows = scale.orders() / 3 / ROWS_PER_STATEMENT * ROWS_PER_STATEMENT;
        try (Platform platform = Platform.builder().withPostgres().withConnect().start()) {
            Database database = new Database(
                    platform.jdbcUrl(),
                    platform.postgres().user(),
                    platform.postgres().password());
            new SinkSetup(database, platform.connectUrl(), line -> {}).migrate();
            report.progress("writes " + rows + " processed orders");
            report.figure("processed.record_bytes", ProcessedOrders.writeToTopic(platform.bootstrapServers(), rows));
            try (OrdersTable table = new OrdersTable(platform.postgres());
                    OrdersConnector connector =
                            new OrdersConnector(platform.connectUrl(), platform.bootstrapServers())) {
                new Measurement(rows, table, connector, new BatchInsert(platform.postgres()), scale, report).run();
            }
        }
    }

    private record Measurement(
            int rows, OrdersTable table, OrdersConnector connector, BatchInsert peer, Scale scale, Report report) {
        void run() throws Exception {
            report.progress("warms up");
            sinkAll();
            long expected = table.checksum();
            insertAll(expected);
            Rounds ours = new Rounds();
            Rounds theirs = new Rounds();
            Rounds.inTurn(scale.rounds(), List.of(Contender.values()), (round, contender) -> {
                switch (contender) {
                    case SINK -> ours.add(sinkAll());
                    case BATCH_INSERT -> theirs.add(insertAll(expected));
                }
                report.progress("round %d of %d: %s".formatted(round, scale.rounds(), contender));
            });
            report.figure("sink.rows_per_s", ours.median());
            report.result(Result.ratio("sink.vs_batch_insert", ours, "rows/s", "multi-row upserts", theirs, 0.5)
                    .noting("%s %,.0f rows/s"
                            .formatted(ours.median() >= ENOUGH_PER_SECOND ? "not below" : "BELOW", ENOUGH_PER_SECOND)));
        }

        private double sinkAll() throws IOException, InterruptedException, SQLException {
            table.empty();
            connector.start();
            try {
                return rate();
            } finally {
                connector.remove();
            }
        }

        private double insertAll(long expected) throws SQLException {
            table.empty();
            double rate = peer.insert(rows, unmeasured());
            if (table.rows() != rows || table.checksum() != expected) {
                throw new IllegalStateException("the contenders have not written the same rows");
            }
            return rate;
        }

        private int unmeasured() {
            return (int) (rows * UNMEASURED_SHARE);
        }

        /**
         * Between two looks at the table, the first at a fifth of the rows or later, the last before the end: of when the
         * end came, the look that finds it knows too little.
         */
        private double rate() throws IOException, InterruptedException, SQLException {
            Look first = null;
            Look last = null;
            Look now = Look.at(table);
            for (Look moved = now; now.rows() < rows; now = Look.at(table)) {
                if (now.rows() > moved.rows()) {
                    moved = now;
                } else if (now.nanos() - moved.nanos() > STANDSTILL.toNanos()) {
                    throw new IllegalStateException("the sink stands still at %d of %d rows: %s"
                            .formatted(now.rows(), rows, connector.status()));
                }
                if (now.rows() >= unmeasured()) {
                    first = first == null ? now : first;
                    last = now;
                }
                Thread.sleep(LOOK_INTERVAL);
            }
            if (first == null || last.nanos() == first.nanos()) {
                // Over within two looks: at this scale, the end has to do.
                last = now;
            }
            if (first == null) {
                throw new IllegalStateException(rows + " rows are too few to measure");
            }
            return (last.rows() - first.rows()) / ((last.nanos() - first.nanos()) / 1e9);
        }
    }

    private record Look(long rows, long nanos) {
        static Look at(OrdersTable table) throws SQLException {
            long rows = table.rows();
            return new Look(rows, System.nanoTime());
        }
    }
}
