package io.onlyonce.bench.stream;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Polling;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.kafka.CommittedReader;
import io.onlyonce.model.Topics;
import io.onlyonce.platform.Platform;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Kills the stream with kill -9 under a load of 500 orders/s, and measures the time until it commits output again. */
public final class Outages implements AutoCloseable {
    private static final int ORDERS_PER_SECOND = 500;
    private static final int KILLS_PER_ROUND = 3;
    private static final Map<String, String> STANDBY = Map.of("NUM_STANDBY_REPLICAS", "1");
    /** A multiple of the usual time, for the full store on a busy machine. */
    private static final Duration TIMEOUT = Duration.ofMinutes(3);
    /** After this time, all output from before the kill is readable. */
    private static final Duration DRAIN = Duration.ofMillis(500);

    private final Platform platform = Platform.builder().start();
    private final OrderPreload preload = new OrderPreload(platform.bootstrapServers());
    private final CommittedReader output = new CommittedReader(platform.bootstrapServers(), Topics.PROCESSED);
    private final ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    private final ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor();

    private Outages() {}

    /**
     * One instance: the time from its start after the kill to its first committed output, with a small and a full store,
     * each with and without transactions in the store.
     */
    public static void recovery(BenchScale scale, BenchReport report) throws Exception {
        Rounds small = recovery("recovery.ms", scale.recoveredIds(), scale, report);
        Rounds full = recovery("recovery.full_ms", scale.storedIds(), scale, report);
        report.result(Result.growth(
                "recovery.growth", full, "ms", "with %,d ids".formatted(scale.recoveredIds()), small, 1.2));
    }

    private static Rounds recovery(String row, int ids, BenchScale scale, BenchReport report) throws Exception {
        Rounds transactional = recoveries("transactional store", Map.of(), ids, scale, report);
        Rounds plain = recoveries("plain store", ShippedStream.PLAIN_STORE, ids, scale, report);
        report.result(Result.atMost(row, transactional, "ms", 5_000)
                .withBaseline("plain store, restored each time", plain)
                .withNote("with %,d ids in the store".formatted(ids)));
        return transactional;
    }

    private static Rounds recoveries(
            String store, Map<String, String> settings, int ids, BenchScale scale, BenchReport report)
            throws Exception {
        Rounds times = new Rounds();
        try (Outages outages = new Outages();
                ShippedStream stream = new ShippedStream(outages.platform, "consumer-1", settings)) {
            report.progress("%s with %,d ids", store, ids);
            outages.preload.changelog(ShippedStream.STORE, ids);
            stream.start();
            outages.startLoad();
            for (int kill = 1; kill <= scale.rounds() * KILLS_PER_ROUND; kill++) {
                double millis = outages.recovery(stream);
                times.add(millis);
                report.progress("kill %d: committed output after %,.0f ms", kill, millis);
            }
        }
        return times;
    }

    private double recovery(ShippedStream stream) throws InterruptedException, ExecutionException {
        awaitMoreOutput(5L * ORDERS_PER_SECOND);
        stream.kill();
        Thread.sleep(DRAIN);
        long before = output.count();
        long start = System.nanoTime();
        Future<?> starting = starts.submit(stream::start);
        Polling.await(
                "the stream commits output after the kill",
                TIMEOUT,
                () -> output.count() > before || starting.state() == Future.State.FAILED);
        double millis = (System.nanoTime() - start) / 1e6;
        starting.get();
        return millis;
    }

    /** Two instances with a standby replica: the time from the kill of one to committed output in every partition. */
    public static void failover(BenchScale scale, BenchReport report) throws Exception {
        Rounds times = new Rounds();
        try (Outages outages = new Outages();
                ShippedStream first = new ShippedStream(outages.platform, "consumer-1", STANDBY);
                ShippedStream second = new ShippedStream(outages.platform, "consumer-2", STANDBY)) {
            outages.preload.changelog(ShippedStream.STORE, scale.recoveredIds());
            // Started together, because an instance that joins later gets tasks a minute later.
            Future<?> starting = outages.starts.submit(first::start);
            second.start();
            starting.get();
            outages.startLoad();
            for (int round = 1; round <= scale.rounds(); round++) {
                Polling.await(
                        "both instances have active and standby tasks",
                        TIMEOUT,
                        () -> first.hasActiveAndStandbyTasks() && second.hasActiveAndStandbyTasks());
                double millis = outages.failover(first);
                times.add(millis);
                report.progress("round %d: committed output in all partitions after %,.0f ms", round, millis);
                first.start();
            }
        }
        report.result(Result.atMost("failover.ms", times, "ms", 9_000)
                .withNote("includes the session timeout of 6,000 ms, because the killed instance does not restart"));
    }

    private double failover(ShippedStream killed) throws InterruptedException {
        awaitMoreOutput(2L * ORDERS_PER_SECOND);
        killed.kill();
        long start = System.nanoTime();
        Thread.sleep(DRAIN);
        long[] before = output.countsByPartition();
        Polling.await("every partition has committed output after the kill", TIMEOUT, () -> {
            long[] now = output.countsByPartition();
            return IntStream.range(0, now.length).allMatch(partition -> now[partition] > before[partition]);
        });
        return (System.nanoTime() - start) / 1e6;
    }

    private void startLoad() {
        ScheduledFuture<?> _ = load.scheduleAtFixedRate(
                preload::order, 0, TimeUnit.SECONDS.toNanos(1) / ORDERS_PER_SECOND, TimeUnit.NANOSECONDS);
    }

    private void awaitMoreOutput(long records) throws InterruptedException {
        long expected = output.count() + records;
        Polling.await(records + " more records are committed", TIMEOUT, () -> output.count() >= expected);
    }

    @Override
    public void close() {
        load.close();
        starts.close();
        output.close();
        preload.close();
        platform.close();
    }
}
