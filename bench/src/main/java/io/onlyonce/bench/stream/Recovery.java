package io.onlyonce.bench.stream;

import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** kill -9 of the stream under 500 orders/s: from starting it again to its first newly committed output. */
public final class Recovery implements Experiment {
    private static final int KILLS_A_ROUND = 3;

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
            broker.createChangelog();
            preload.seenIds(scale.recoveredIds());
            try (ShippedStream stream = new ShippedStream(platform, "consumer-1", Map.of());
                    Output output = new Output(platform.bootstrapServers())) {
                stream.start();
                try (Trickle load = new Trickle(preload)) {
                    for (int kill = 1; kill <= scale.rounds() * KILLS_A_ROUND; kill++) {
                        awaitMore(output, 5L * Trickle.PER_SECOND);
                        stream.kill();
                        TimeUnit.MILLISECONDS.sleep(DRAIN_MILLIS);
                        long before = output.total();
                        long start = System.nanoTime();
                        Thread starting = Thread.ofVirtual().start(stream::start);
                        while (output.total() == before) {
                            TimeUnit.MILLISECONDS.sleep(5);
                        }
                        double millis = (System.nanoTime() - start) / 1e6;
                        times.add(millis);
                        report.progress("kill %d: committed output again after %,.0f ms".formatted(kill, millis));
                        starting.join();
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
        while (output.total() < before + records) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
