package io.onlyonce.bench.stream;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.platform.Platform;

/** Measures the same orders with a dedup store that has restored many ids before the first order. */
final class FullStoreRates {
    private FullStoreRates() {}

    /** @param emptyStore the rounds of the shipped stream with an empty store */
    static void run(BenchScale scale, Rounds emptyStore, BenchReport report) throws Exception {
        Rounds shipped = shippedStream(scale, emptyStore, report);
        Rounds windowStore = windowStore(scale, report);
        report.result(Result.ratio(
                "stream.full_store_vs_window_store",
                shipped,
                StreamRates.UNIT,
                "window store, equally full",
                windowStore,
                1.5));
    }

    private static Rounds shippedStream(BenchScale scale, Rounds emptyStore, BenchReport report) throws Exception {
        try (Platform platform = Platform.builder().start();
                StreamBroker broker = new StreamBroker(platform.bootstrapServers());
                ShippedStream stream = ShippedStream.inMode(platform, ProcessingMode.EXACTLY_ONCE)) {
            preload(scale, platform, ShippedStream.STORE, report);
            stream.start();
            Rounds full = Rounds.of(broker.rate(ShippedStream.GROUP, stream::checkAlive));
            double memory = stream.residentMebibytes();
            double ids = scale.storedIds() + OrderPreload.distinctIds(scale.orders());
            report.figure("store.bytes_per_id", stream.storeBytes() / ids);
            report.figure("store.filter_bytes_per_id", stream.filterBytes() / ids);
            report.result(Result.ratio("stream.full_store", full, StreamRates.UNIT, "empty store", emptyStore, 0.8)
                    .withNote("resident memory with %,d ids: %,.0f MiB".formatted(scale.storedIds(), memory)));
            return full;
        }
    }

    private static Rounds windowStore(BenchScale scale, BenchReport report) throws Exception {
        Baseline baseline = Baseline.windowStore("window-store", scale.storedIds());
        try (Platform platform = Platform.builder().start();
                StreamBroker broker = new StreamBroker(platform.bootstrapServers())) {
            preload(scale, platform, WindowStoreDedup.store(baseline.group()), report);
            return Rounds.of(baseline.rate(platform, broker));
        }
    }

    private static void preload(BenchScale scale, Platform platform, DedupStore store, BenchReport report)
            throws Exception {
        report.progress("writing %,d ids to %s".formatted(scale.storedIds(), store.changelog()));
        try (OrderPreload preload = new OrderPreload(platform.bootstrapServers())) {
            preload.changelog(store, scale.storedIds());
            preload.orders(scale.orders());
        }
        report.progress("restoring the ids and processing the orders");
    }
}
