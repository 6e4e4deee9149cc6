package io.onlyonce.bench.stream;

import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Jvm;
import io.onlyonce.bench.Memory;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.LabHome;
import io.onlyonce.platform.Platform;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** How many orders a second the shipped stream gets through, and others with the same input on the same broker. */
public final class StreamRates implements Experiment {
    private static final String UNIT = "orders/s";
    private static final double MEBIBYTE = 1024 * 1024;

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
        Rounds empty;
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                Preload preload = new Preload(platform.bootstrapServers())) {
            report.progress("%,d orders are written".formatted(scale.orders()));
            preload.orders(scale.orders());
            Map<Contender, Rounds> rates = new EnumMap<>(Contender.class);
            Rounds.inTurn(scale.rounds(), List.of(Contender.values()), (round, contender) -> {
                double rate = rate(contender, round, scale, platform, broker, report);
                rates.computeIfAbsent(contender, key -> new Rounds()).add(rate);
                report.progress("round %d: %s %,.0f %s".formatted(round, contender, rate, UNIT));
            });
            Rounds shipped = rates.get(Contender.EXACTLY_ONCE);
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
            empty = shipped;
        }
        fullStore(scale, empty, report);
    }

    private static double rate(
            Contender contender, int round, Scale scale, Platform platform, Broker broker, Report report)
            throws Exception {
        return switch (contender) {
            case EXACTLY_ONCE -> shipped("exactly-once", scale, platform, broker, report);
            case AT_LEAST_ONCE -> shipped("at-least-once", scale, platform, broker, report);
            case RAW_COPY -> peer(RawCopy.class, List.of(), "raw-copy-" + round, "256m", "", platform, broker);
            case WINDOW_STORE ->
                peer(WindowStoreDedup.class, List.of(), "window-store-" + round, "256m", "", platform, broker);
            // Twice what its managed memory and network buffers need: memory is not what is compared.
            case FLINK_1_S -> peer(FlinkDedup.class, flink(), "flink-1-s-" + round, "2g", "1000", platform, broker);
            case FLINK_100_MS ->
                peer(FlinkDedup.class, flink(), "flink-100-ms-" + round, "2g", "100", platform, broker);
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

    private static double peer(
            Class<?> main,
            List<Path> first,
            String group,
            String heap,
            String setting,
            Platform platform,
            Broker broker)
            throws Exception {
        Path directory = platform.directory().resolve(group);
        try (Jvm jvm = Jvm.startAfter(
                first,
                heap,
                directory.resolve("peer.log"),
                main,
                platform.bootstrapServers(),
                group,
                directory.toString(),
                setting)) {
            try {
                return broker.rate(group, jvm::checkAlive);
            } catch (TimeoutException e) {
                throw new IllegalStateException(e.getMessage() + "\n" + jvm.logTail(), e);
            }
        } finally {
            broker.forget(group);
        }
    }

    /** Its own RocksDB, and the Kafka client that its connector was built for: with ours it does not find a method. */
    private static List<Path> flink() {
        return List.of(Jvm.library("frocksdbjni"), Jvm.jar(LabHome.locate().brokerLibraries(), "kafka-clients"));
    }

    /** The same, with many ids in the memory before the first order comes; on a broker that nobody has used. */
    private static void fullStore(Scale scale, Rounds empty, Report report) throws Exception {
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                Preload preload = new Preload(platform.bootstrapServers())) {
            report.progress("%,d ids are written into the store's changelog".formatted(scale.storedIds()));
            broker.createChangelog();
            preload.seenIds(scale.storedIds());
            preload.orders(scale.orders());
            report.progress("the stream restores them, and works on");
            try (ShippedStream stream = ShippedStream.inMode(platform, "exactly-once")) {
                stream.start();
                Rounds full = Rounds.of(broker.rate(ShippedStream.GROUP, stream::pids));
                long memory = Memory.resident(stream.pids());
                double ids = scale.storedIds() + Preload.distinct(scale.orders());
                report.figure("store.bytes_per_id", stream.storeBytes() / ids);
                report.figure("store.filter_bytes_per_id", stream.filterBytes() / ids);
                report.result(Result.ratio("stream.full_store", full, UNIT, "empty store", empty, 0.8)
                        .noting("with %,d ids the process holds %,.0f MiB"
                                .formatted(scale.storedIds(), memory / MEBIBYTE)));
            }
        }
    }
}
