package io.onlyonce.bench.stream;

import io.onlyonce.bench.Memory;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;

/** The same orders, with many ids in the memory before the first of them comes; each on a broker that nobody has used. */
final class FullStore {
    private static final double MEBIBYTE = 1024 * 1024;

    private FullStore() {}

    /** @param empty what the shipped stream's rounds with an empty store gave */
    static void run(Scale scale, Rounds empty, Report report) throws Exception {
        Rounds shipped = shipped(scale, empty, report);
        Rounds windowStore = windowStore(scale, report);
        report.result(Result.ratio(
                "stream.full_store_vs_window_store",
                shipped,
                StreamRates.UNIT,
                "window store, as full",
                windowStore,
                1.5));
    }

    private static Rounds shipped(Scale scale, Rounds empty, Report report) throws Exception {
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                ShippedStream stream = ShippedStream.inMode(platform, "exactly-once")) {
            fill(scale, platform, broker, ShippedStream.CHANGELOG, ShippedStream::storedId, report);
            stream.start();
            Rounds full = Rounds.of(broker.rate(ShippedStream.GROUP, stream::pids));
            long memory = Memory.resident(stream.pids());
            double ids = scale.storedIds() + Preload.distinct(scale.orders());
            report.figure("store.bytes_per_id", stream.storeBytes() / ids);
            report.figure("store.filter_bytes_per_id", stream.filterBytes() / ids);
            report.result(Result.ratio("stream.full_store", full, StreamRates.UNIT, "empty store", empty, 0.8)
                    .noting("with %,d ids the process holds %,.0f MiB"
                            .formatted(scale.storedIds(), memory / MEBIBYTE)));
            return full;
        }
    }

    private static Rounds windowStore(Scale scale, Report report) throws Exception {
        Peer peer = Peer.ofOurs(WindowStoreDedup.class, "window-store", scale.storedIds());
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers())) {
            fill(scale, platform, broker, WindowStoreDedup.changelog(peer.group()), WindowStoreDedup::storedId, report);
            return Rounds.of(peer.rate(platform, broker));
        }
    }

    private static void fill(
            Scale scale, Platform platform, Broker broker, String changelog, StoredId form, Report report)
            throws Exception {
        report.progress("%,d ids are written into %s".formatted(scale.storedIds(), changelog));
        broker.createChangelog(changelog);
        try (Preload preload = new Preload(platform.bootstrapServers())) {
            preload.ids(scale.storedIds(), changelog, form);
            preload.orders(scale.orders());
        }
        report.progress("they are restored, and the orders worked through");
    }
}
