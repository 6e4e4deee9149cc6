package io.onlyonce.bench.stream;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.platform.Platform;
import io.onlyonce.platform.ProjectHome;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/**
 * Measures the orders per second of the shipped stream and of its baselines, with the same input on the same broker. Then
 * repeats the measurement with a dedup store that has restored many ids before the first order.
 */
public final class StreamRates implements AutoCloseable {
    private static final String UNIT = "orders/s";
    private static final List<String> FLINK_JVM_OPTIONS = List.of(
            // Twice the size of its managed memory and network buffers, because the bench does not compare memory.
            "-Xmx2g",
            // The default collector, which is made for large heaps.
            "-XX:+UseG1GC",
            // Flink's serializers access internals of the JDK.
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED");

    private final Platform platform = Platform.builder().start();
    private final StreamBroker broker = new StreamBroker(platform.bootstrapServers());
    private final BenchScale scale;
    private final BenchReport report;
    private final Map<Candidate, Rounds> rates = new EnumMap<>(Candidate.class);

    private enum Candidate {
        EXACTLY_ONCE,
        PLAIN_STORE,
        AT_LEAST_ONCE,
        RAW_COPY,
        WINDOW_STORE,
        FLINK_1_S,
        FLINK_100_MS
    }

    private StreamRates(BenchScale scale, BenchReport report) {
        this.scale = scale;
        this.report = report;
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        Rounds emptyStore;
        try (StreamRates rates = new StreamRates(scale, report)) {
            emptyStore = rates.measure();
        }
        Rounds fullStore = new Rounds();
        Rounds fullPlainStore = new Rounds();
        for (int round = 1; round <= Math.max(1, scale.rounds() - 1); round++) {
            fullStore.add(shippedStreamWithFullStore("transactional store", Map.of(), scale, report));
            fullPlainStore.add(shippedStreamWithFullStore("plain store", ShippedStream.PLAIN_STORE, scale, report));
        }
        report.result(Result.ratio("stream.full_store", fullStore, UNIT, "empty store", emptyStore, 0.8)
                .withNote("with %,d ids".formatted(scale.storedIds())));
        report.result(Result.ratio(
                "stream.full_transactional_store_vs_plain", fullStore, UNIT, "plain store", fullPlainStore, 0.95));
        try (StreamRates rates = new StreamRates(scale, report)) {
            Rounds windowStore = rates.windowStoreWithFullStore();
            String label = "window store, equally full";
            report.result(Result.ratio("stream.full_store_vs_window_store", fullStore, UNIT, label, windowStore, 1.5));
        }
    }

    /** @return the rounds of the shipped stream with exactly-once */
    private Rounds measure() throws Exception {
        report.progress("writing %,d orders", scale.orders());
        try (OrderPreload preload = new OrderPreload(platform.bootstrapServers())) {
            preload.orders(scale.orders());
        }
        Rounds.inTurn(scale.rounds(), List.of(Candidate.values()), this::round);
        // The differences between these are smaller than the spread of their rounds, so they need more rounds.
        List<Candidate> similar = List.of(Candidate.EXACTLY_ONCE, Candidate.AT_LEAST_ONCE, Candidate.PLAIN_STORE);
        Rounds.inTurn(scale.rounds() - 1, similar, this::round);
        compare("stream.transactional_store_vs_plain", Candidate.PLAIN_STORE, "plain store", 0.95);
        compare("stream.eos_vs_alos", Candidate.AT_LEAST_ONCE, "at-least-once", 0.95);
        compare("stream.eos_vs_raw_copy", Candidate.RAW_COPY, "bare transactional copy", 0.65);
        compare("stream.eos_vs_flink", Candidate.FLINK_1_S, "Flink, checkpoint 1 s", 1.5);
        compare("stream.eos_vs_flink_100_ms", Candidate.FLINK_100_MS, "Flink, checkpoint 100 ms", 4);
        compare("stream.eos_vs_window_store", Candidate.WINDOW_STORE, "window store", 1.5);
        return rates.get(Candidate.EXACTLY_ONCE);
    }

    private void compare(String name, Candidate baseline, String label, double atLeast) {
        report.result(Result.ratio(name, rates.get(Candidate.EXACTLY_ONCE), UNIT, label, rates.get(baseline), atLeast));
    }

    private void round(int round, Candidate candidate) throws Exception {
        double rate = switch (candidate) {
            case EXACTLY_ONCE -> shippedStream(ProcessingMode.EXACTLY_ONCE, Map.of());
            case AT_LEAST_ONCE -> shippedStream(ProcessingMode.AT_LEAST_ONCE, Map.of());
            case PLAIN_STORE -> shippedStream(ProcessingMode.EXACTLY_ONCE, ShippedStream.PLAIN_STORE);
            case RAW_COPY -> baseline(RawCopy.class, "raw-copy-" + round, "");
            case WINDOW_STORE -> baseline(WindowStoreDedup.class, "window-store-" + round, "0");
            case FLINK_1_S -> flink("flink-1-s-" + round, "1000");
            case FLINK_100_MS -> flink("flink-100-ms-" + round, "100");
        };
        rates.computeIfAbsent(candidate, _ -> new Rounds()).add(rate);
        report.progress("round %d: %s %,.0f %s", round, candidate, rate, UNIT);
    }

    private double shippedStream(ProcessingMode mode, Map<String, String> settings) throws Exception {
        try (ShippedStream stream = ShippedStream.inMode(platform, mode, settings)) {
            stream.start();
            double rate = broker.rate(ShippedStream.GROUP, stream::checkAlive);
            report.figure(
                    "changelog.bytes_per_id",
                    broker.topicBytes(ShippedStream.STORE.changelog()) / OrderPreload.distinctIds(scale.orders()));
            return rate;
        } finally {
            broker.reset(ShippedStream.GROUP);
        }
    }

    /** @param setting the last argument of the baseline */
    private double baseline(Class<?> main, String group, String setting) throws Exception {
        return baseline(BaselineJvm.SERVICE_OPTIONS, List.of(), main, group, setting);
    }

    private double flink(String group, String checkpointIntervalMs) throws Exception {
        // Flink's RocksDB, and the client version that its connector requires: ours lacks a method that it calls.
        List<Path> firstJars = List.of(
                BaselineJvm.library("frocksdbjni"),
                BaselineJvm.jar(ProjectHome.locate().brokerLibraries(), "kafka-clients"));
        return baseline(FLINK_JVM_OPTIONS, firstJars, FlinkDedup.class, group, checkpointIntervalMs);
    }

    /** @param group consumer group; must differ from the groups of all earlier rounds */
    private double baseline(List<String> jvmOptions, List<Path> firstJars, Class<?> main, String group, String setting)
            throws Exception {
        String directory = platform.directory().resolve(group).toString();
        Path log = Path.of(directory, "baseline.log");
        String servers = platform.bootstrapServers();
        try (BaselineJvm jvm =
                BaselineJvm.start(jvmOptions, firstJars, log, main, servers, group, directory, setting)) {
            try {
                return broker.rate(group, jvm::checkAlive);
            } catch (TimeoutException e) {
                throw new IllegalStateException(e.getMessage() + "\n" + jvm.logTail(), e);
            }
        } finally {
            broker.reset(group);
        }
    }

    private static double shippedStreamWithFullStore(
            String store, Map<String, String> settings, BenchScale scale, BenchReport report) throws Exception {
        try (StreamRates rates = new StreamRates(scale, report);
                ShippedStream stream = ShippedStream.inMode(rates.platform, ProcessingMode.EXACTLY_ONCE, settings)) {
            rates.preload(ShippedStream.STORE);
            stream.start();
            double rate = rates.broker.rate(ShippedStream.GROUP, stream::checkAlive);
            if (settings.isEmpty()) {
                // The scaling model uses the sizes of the shipped store, not of the baseline.
                double ids = scale.storedIds() + OrderPreload.distinctIds(scale.orders());
                report.figure("store.bytes_per_id", stream.storeBytes() / ids);
                report.figure("store.filter_bytes_per_id", stream.filterBytes() / ids);
            }
            report.progress(
                    "full %s: %,.0f %s, resident memory %,.0f MiB", store, rate, UNIT, stream.residentMebibytes());
            return rate;
        }
    }

    private Rounds windowStoreWithFullStore() throws Exception {
        String group = "window-store";
        preload(WindowStoreDedup.store(group));
        return Rounds.of(baseline(WindowStoreDedup.class, group, Integer.toString(scale.storedIds())));
    }

    private void preload(OrderPreload.DedupStore store) throws Exception {
        report.progress("writing %,d ids to %s", scale.storedIds(), store.changelog());
        try (OrderPreload preload = new OrderPreload(platform.bootstrapServers())) {
            preload.changelog(store, scale.storedIds());
            preload.orders(scale.orders());
        }
        report.progress("restoring the ids and processing the orders");
    }

    @Override
    public void close() {
        broker.close();
        platform.close();
    }
}
