package io.onlyonce.verifier;

import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.load.ServiceClient;
import io.onlyonce.verifier.report.DemoResult;
import io.onlyonce.verifier.report.Result;
import java.time.Duration;
import java.util.List;

/**
 * Demonstrates the guarantee: runs the same load with the same kills under exactly-once and under at-least-once.
 *
 * <p>In both runs, the stream is killed with SIGKILL at random times under load. A kill causes a replay only if it happens
 * between an output and its commit. Under at-least-once, this is most of the time: outputs leave after 30 ms, and the
 * commit follows within 100 ms. If no kill of the at-least-once run causes a replay, the run is repeated a few times.
 */
public record Demo(SystemUnderTest system, ProcessControl processes, long seed, Progress progress) {
    // At a higher rate, two processors are busy with requests while the killed stream starts, and the demo takes
    // longer.
    private static final int ORDERS = 2_000;
    private static final double RATE = 200;
    private static final Duration KILL_INTERVAL = Duration.ofSeconds(4);
    private static final int MAX_AT_LEAST_ONCE_RUNS = 5;

    // The first requests take seconds, because the JVMs compile their code. Without a warm-up, the first run is slower.
    private static final int WARM_UP_ORDERS = 1_000;
    private static final double WARM_UP_RATE = 200;

    /**
     * Configures the stream for exactly-once again before it returns.
     *
     * @throws IllegalStateException if the system fails without any kill
     */
    public DemoResult run() throws InterruptedException {
        progress.note("Warming up without a kill, because newly started JVMs are slow");
        Result warmUp = run(Guarantee.EXACTLY_ONCE, WARM_UP_ORDERS, WARM_UP_RATE, List.of(), seed);
        if (!warmUp.passed()) {
            throw new IllegalStateException("failed without any kill: " + String.join("; ", warmUp.violations()));
        }
        Result exactlyOnce = runWithKills(Guarantee.EXACTLY_ONCE, seed);
        Result atLeastOnce = runWithKills(Guarantee.AT_LEAST_ONCE, seed);
        for (int runs = 1; !DemoResult.showsReplay(atLeastOnce) && runs < MAX_AT_LEAST_ONCE_RUNS; runs++) {
            progress.note("No kill happened between an output and its commit, so that nothing was replayed. Repeating");
            // Another seed, so that the kill happens at another time.
            atLeastOnce = runWithKills(Guarantee.AT_LEAST_ONCE, seed + runs);
        }
        try (ServiceClient client = new ServiceClient(system, ServiceClient.REQUEST_TIMEOUT)) {
            client.configure(Guarantee.EXACTLY_ONCE);
        }
        return new DemoResult(exactlyOnce, atLeastOnce);
    }

    private Result runWithKills(Guarantee guarantee, long runSeed) throws InterruptedException {
        return run(guarantee, ORDERS, RATE, List.of(ComponentName.CONSUMER), runSeed);
    }

    private Result run(Guarantee guarantee, int orders, double rate, List<ComponentName> kill, long runSeed)
            throws InterruptedException {
        Options options = Options.of(guarantee, orders, rate, kill, KILL_INTERVAL, runSeed);
        return new Verification(system, processes, options, progress).run();
    }
}
