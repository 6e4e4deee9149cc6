package io.onlyonce.bench.stream;

import io.onlyonce.bench.Await;
import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** kill -9 of the stream under 500 orders/s: from starting it again to its first newly committed output. */
public final class Recovery implements Experiment {
    private static final int KILLS_A_ROUND = 3;

    /** Many times what it takes, also with the full store on a busy machine. */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    /** What was committed before the kill has been read after this. */
    private static final long DRAIN_MILLIS = 500;

    @Override
    public String name() {
        return "recovery";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        Rounds times = new Rounds();
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                Preload preload = new Preload(platform.bootstrapServers())) {
            broker.createChangelog(ShippedStream.CHANGELOG);
            preload.ids(scale.recoveredIds(), ShippedStream.CHANGELOG, ShippedStream::storedId);
            try (ShippedStream stream = new ShippedStream(platform, "consumer-1", Map.of());
                    Output output = new Output(platform.bootstrapServers())) {
                stream.start();
                try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                        Trickle load = new Trickle(preload)) {
                    for (int kill = 1; kill <= scale.rounds() * KILLS_A_ROUND; kill++) {
                        awaitMore(output, 5L * Trickle.PER_SECOND);
                        stream.kill();
                        TimeUnit.MILLISECONDS.sleep(DRAIN_MILLIS);
                        long before = output.total();
                        long start = System.nanoTime();
                        Future<?> starting = threads.submit(stream::start);
                        Await.until(
                                "there is committed output after a kill",
                                PATIENCE,
                                () -> output.total() > before || starting.state() == Future.State.FAILED);
                        double millis = (System.nanoTime() - start) / 1e6;
                        starting.get();
                        times.add(millis);
                        report.progress("kill %d: committed output again after %,.0f ms".formatted(kill, millis));
                    }
                }
            }
        }
        report.result(Result.atMost("recovery.ms", times, "ms", 5_000)
                .noting("with %,d ids in the store, restored from the changelog each time"
                        .formatted(scale.recoveredIds())));
    }

    static void awaitMore(Output output, long records) throws InterruptedException {
        long before = output.total();
        Await.until(
                "%d more records are committed".formatted(records), PATIENCE, () -> output.total() >= before + records);
    }
}
