package io.onlyonce.bench.stream;

import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How many orders a second the shipped stream gets through, and others with the same input on the same broker. */
public final class StreamRates implements Experiment {
    static final String UNIT = "orders/s";

    /** Who works through the topic {@code orders}, one after the other. */
    enum Contender {
        EXACTLY_ONCE,
        AT_LEAST_ONCE,
        RAW_COPY,
        WINDOW_STORE,
        FLINK_1_S,
        FLINK_100_MS
    }

    @Override
    public String name() {
        return "stream";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        Rounds shipped;
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                Preload preload = new Preload(platform.bootstrapServers())) {
            report.progress("%,d orders are written".formatted(scale.orders()));
            preload.orders(scale.orders());
            Map<Contender, Rounds> rates = new EnumMap<>(Contender.class);
            Rounds.Turn<Contender> turn = (round, contender) -> {
                double rate = rate(contender, round, scale, platform, broker, report);
                rates.computeIfAbsent(contender, key -> new Rounds()).add(rate);
                report.progress("round %d: %s %,.0f %s".formatted(round, contender, rate, UNIT));
            };
            Rounds.inTurn(scale.rounds(), List.of(Contender.values()), turn);
            // Nearer to each other than two rounds of one of them are: so few do not tell them apart.
            Rounds.inTurn(scale.rounds() - 1, List.of(Contender.EXACTLY_ONCE, Contender.AT_LEAST_ONCE), turn);
            shipped = rates.get(Contender.EXACTLY_ONCE);
            report.result(Result.ratio(
                    "stream.eos_vs_alos", shipped, UNIT, "at-least-once", rates.get(Contender.AT_LEAST_ONCE), 0.95));
            report.result(Result.ratio(
                    "stream.eos_vs_raw_copy",
                    shipped,
                    UNIT,
                    "bare transactional copy",
                    rates.get(Contender.RAW_COPY),
                    0.65));
            report.result(Result.ratio(
                    "stream.eos_vs_flink",
                    shipped,
                    UNIT,
                    "Flink, checkpoint 1 s",
                    rates.get(Contender.FLINK_1_S),
                    1.5));
            report.result(Result.ratio(
                    "stream.eos_vs_flink_100_ms",
                    shipped,
                    UNIT,
                    "Flink, checkpoint 100 ms",
                    rates.get(Contender.FLINK_100_MS),
                    4));
            report.result(Result.ratio(
                    "stream.eos_vs_window_store",
                    shipped,
                    UNIT,
                    "window store",
                    rates.get(Contender.WINDOW_STORE),
                    1.5));
        }
        FullStore.run(scale, shipped, report);
    }

    private static double rate(
            Contender contender, int round, Scale scale, Platform platform, Broker broker, Report report)
            throws Exception {
        return switch (contender) {
            case EXACTLY_ONCE -> shipped("exactly-once", scale, platform, broker, report);
            case AT_LEAST_ONCE -> shipped("at-least-once", scale, platform, broker, report);
            case RAW_COPY -> Peer.ofOurs(RawCopy.class, "raw-copy-" + round).rate(platform, broker);
            case WINDOW_STORE ->
                Peer.ofOurs(WindowStoreDedup.class, "window-store-" + round).rate(platform, broker);
            case FLINK_1_S -> Peer.flink("flink-1-s-" + round, "1000").rate(platform, broker);
            case FLINK_100_MS -> Peer.flink("flink-100-ms-" + round, "100").rate(platform, broker);
        };
    }

    private static double shipped(String mode, Scale scale, Platform platform, Broker broker, Report report)
            throws Exception {
        try (ShippedStream stream = ShippedStream.inMode(platform, mode)) {
            stream.start();
            double rate = broker.rate(ShippedStream.GROUP, stream::pids);
            report.figure(
                    "changelog.bytes_per_id", broker.bytes(ShippedStream.CHANGELOG) / Preload.distinct(scale.orders()));
            stream.kill();
            return rate;
        } finally {
            broker.forget(ShippedStream.GROUP);
        }
    }
}
