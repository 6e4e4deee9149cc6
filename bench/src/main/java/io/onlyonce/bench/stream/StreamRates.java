package io.onlyonce.bench.stream;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.platform.Platform;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the orders per second of the shipped stream and of its baselines, with the same input on the same broker. Then
 * repeats the measurement with a dedup store that has restored many ids before the first order.
 */
public final class StreamRates {
    private static final String UNIT = "orders/s";

    private final Platform platform;
    private final StreamBroker broker;
    private final BenchScale scale;
    private final BenchReport report;
    private final Map<Candidate, Rounds> rates = new EnumMap<>(Candidate.class);

    private enum Candidate {
        EXACTLY_ONCE,
        AT_LEAST_ONCE,
        RAW_COPY,
        WINDOW_STORE,
        FLINK_1_S,
        FLINK_100_MS
    }

    private StreamRates(Platform platform, StreamBroker broker, BenchScale scale, BenchReport report) {
        this.platform = platform;
        this.broker = broker;
        this.scale = scale;
        this.report = report;
    }

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        Rounds emptyStore;
        try (Platform platform = Platform.builder().start();
                StreamBroker broker = new StreamBroker(platform.bootstrapServers());
                OrderPreload preload = new OrderPreload(platform.bootstrapServers())) {
            report.progress("writing %,d orders".formatted(scale.orders()));
            preload.orders(scale.orders());
            emptyStore = new StreamRates(platform, broker, scale, report).measure();
        }
        Rounds fullStore;
        try (Platform platform = Platform.builder().start();
                StreamBroker broker = new StreamBroker(platform.bootstrapServers())) {
            fullStore = new StreamRates(platform, broker, scale, report).shippedStreamWithFullStore(emptyStore);
        }
        try (Platform platform = Platform.builder().start();
                StreamBroker broker = new StreamBroker(platform.bootstrapServers())) {
            Rounds windowStore = new StreamRates(platform, broker, scale, report).windowStoreWithFullStore();
            report.result(Result.ratio(
                    "stream.full_store_vs_window_store",
                    fullStore,
                    UNIT,
                    "window store, equally full",
                    windowStore,
                    1.5));
        }
    }

    /** @return the rounds of the shipped stream with exactly-once */
    private Rounds measure() throws Exception {
        Rounds.inTurn(scale.rounds(), List.of(Candidate.values()), this::round);
        // The difference between these two is smaller than the spread of their rounds, so they need more rounds.
        Rounds.inTurn(scale.rounds() - 1, List.of(Candidate.EXACTLY_ONCE, Candidate.AT_LEAST_ONCE), this::round);
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
            case EXACTLY_ONCE -> shippedStream(ProcessingMode.EXACTLY_ONCE);
            case AT_LEAST_ONCE -> shippedStream(ProcessingMode.AT_LEAST_ONCE);
            case RAW_COPY -> Baseline.rawCopy("raw-copy-" + round).rate(platform, broker);
            case WINDOW_STORE ->
                Baseline.windowStore("window-store-" + round, 0).rate(platform, broker);
            case FLINK_1_S -> Baseline.flink("flink-1-s-" + round, 1_000).rate(platform, broker);
            case FLINK_100_MS -> Baseline.flink("flink-100-ms-" + round, 100).rate(platform, broker);
        };
        rates.computeIfAbsent(candidate, _ -> new Rounds()).add(rate);
        report.progress("round %d: %s %,.0f %s".formatted(round, candidate, rate, UNIT));
    }

    private double shippedStream(ProcessingMode mode) throws Exception {
        try (ShippedStream stream = ShippedStream.inMode(platform, mode)) {
            stream.start();
            double rate = broker.rate(ShippedStream.GROUP, stream::checkAlive);
            report.figure(
                    "changelog.bytes_per_id",
                    broker.topicBytes(ShippedStream.STORE.changelog()) / OrderPreload.distinctIds(scale.orders()));
            stream.kill();
            return rate;
        } finally {
            broker.reset(ShippedStream.GROUP);
        }
    }

    private Rounds shippedStreamWithFullStore(Rounds emptyStore) throws Exception {
        try (ShippedStream stream = ShippedStream.inMode(platform, ProcessingMode.EXACTLY_ONCE)) {
            preload(ShippedStream.STORE);
            stream.start();
            Rounds full = Rounds.of(broker.rate(ShippedStream.GROUP, stream::checkAlive));
            double memory = stream.residentMebibytes();
            double ids = scale.storedIds() + OrderPreload.distinctIds(scale.orders());
            report.figure("store.bytes_per_id", stream.storeBytes() / ids);
            report.figure("store.filter_bytes_per_id", stream.filterBytes() / ids);
            report.result(Result.ratio("stream.full_store", full, UNIT, "empty store", emptyStore, 0.8)
                    .withNote("resident memory with %,d ids: %,.0f MiB".formatted(scale.storedIds(), memory)));
            return full;
        }
    }

    private Rounds windowStoreWithFullStore() throws Exception {
        Baseline baseline = Baseline.windowStore("window-store", scale.storedIds());
        preload(WindowStoreDedup.store(baseline.group()));
        return Rounds.of(baseline.rate(platform, broker));
    }

    private void preload(OrderPreload.DedupStore store) throws Exception {
        report.progress("writing %,d ids to %s".formatted(scale.storedIds(), store.changelog()));
        try (OrderPreload preload = new OrderPreload(platform.bootstrapServers())) {
            preload.changelog(store, scale.storedIds());
            preload.orders(scale.orders());
        }
        report.progress("restoring the ids and processing the orders");
    }
}
