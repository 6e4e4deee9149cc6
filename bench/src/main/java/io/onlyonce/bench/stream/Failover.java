package io.onlyonce.bench.stream;

import io.onlyonce.bench.Await;
import io.onlyonce.bench.Experiment;
import io.onlyonce.bench.Report;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.Scale;
import io.onlyonce.platform.Platform;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two instances with a standby replica, kill -9 of one: until every partition gives committed output again. */
public final class Failover implements Experiment {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Map<String, String> STANDBY = Map.of("NUM_STANDBY_REPLICAS", "1");
    private static final long DRAIN_MILLIS = 500;

    @Override
    public String name() {
        return "failover";
    }

    @Override
    public void run(Scale scale, Report report) throws Exception {
        Rounds times = new Rounds();
        try (Platform platform = Platform.builder().start();
                Broker broker = new Broker(platform.bootstrapServers());
                Preload preload = new Preload(platform.bootstrapServers())) {
            broker.createChangelog(ShippedStream.CHANGELOG);
            preload.ids(scale.recoveredIds(), ShippedStream.CHANGELOG, ShippedStream::storedId);
            try (ShippedStream first = new ShippedStream(platform, "consumer-1", STANDBY);
                    ShippedStream second = new ShippedStream(platform, "consumer-2", STANDBY);
                    Output output = new Output(platform.bootstrapServers())) {
                // Together they share from the start; one that comes later waits a minute for the next rebalance.
                try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                    Future<?> starting = threads.submit(first::start);
                    second.start();
                    starting.get();
                }
                try (Trickle load = new Trickle(preload)) {
                    for (int round = 1; round <= scale.rounds(); round++) {
                        awaitSharedWithStandby(first, second);
                        Recovery.awaitMore(output, 2L * Trickle.PER_SECOND);
                        first.kill();
                        long start = System.nanoTime();
                        double millis = untilEveryPartitionMoves(output, start);
                        times.add(millis);
                        report.progress("round %d: all partitions again after %,.0f ms".formatted(round, millis));
                        first.start();
                    }
                }
            }
        }
        report.result(Result.atMost("failover.ms", times, "ms", 9_000)
                .noting("6,000 ms of it are the session time-out: nobody comes back under the dead instance's name"));
    }

    private static double untilEveryPartitionMoves(Output output, long start) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(DRAIN_MILLIS);
        long[] before = output.perPartition();
        Await.until(
                "every partition has committed output after a kill",
                Recovery.PATIENCE,
                () -> everyOneIsLarger(output.perPartition(), before));
        return (System.nanoTime() - start) / 1e6;
    }

    private static boolean everyOneIsLarger(long[] now, long[] before) {
        return IntStream.range(0, now.length).allMatch(partition -> now[partition] > before[partition]);
    }

    private static void awaitSharedWithStandby(ShippedStream... instances) throws InterruptedException {
        Await.until("the instances share the work", Recovery.PATIENCE, () -> {
            for (ShippedStream instance : instances) {
                if (tasks(instance, "active") == 0 || tasks(instance, "standby") == 0) {
                    return false;
                }
            }
            return true;
        });
    }

    private static int tasks(ShippedStream instance, String kind) throws IOException, InterruptedException {
        JsonNode topology = JSON.readTree(instance.get("/topology"));
        int tasks = 0;
        for (JsonNode thread : topology.path("threads")) {
            tasks += thread.path(kind).size();
        }
        return tasks;
    }
}
