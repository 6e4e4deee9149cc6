package io.onlyonce.verifier;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Duration;
import java.util.List;

/**
 * The guarantee in one go: the same load with the same kills, once under exactly-once and once under at-least-once.
 *
 * <p>Nothing is arranged for the outcome: the stream is killed with SIGKILL at random moments under load, in both runs.
 *
 * <p>Only a kill between an output and its commit leaves something to replay: under at-least-once that is most of every
 * 100 ms, as outputs linger for 30 before they leave and the commit follows 100 after the last one. Where no kill of a run
 * struck there, which is chance, nothing showed: the run is done again, a few times at most, and says so.
 */
public final class Demo {
    /** Enough orders for several kills, few enough for half a minute a run. */
    static final int ORDERS = 6_000;

    static final double RATE = 400;
    static final Duration EVERY = Duration.ofSeconds(5);
    static final int MOST_AT_LEAST_ONCE_RUNS = 5;

    /** Ten seconds, in which the JVMs compile and requests wait for seconds: it would count against who comes first. */
    static final int WARM_UP_ORDERS = 2_000;

    static final double WARM_UP_RATE = 200;

    /**
     * @param exactlyOnce the ledger of the first run
     * @param atLeastOnce the ledger of the second
     */
    public record Outcome(Result exactlyOnce, Result atLeastOnce) {
        /** Least number of acknowledged orders that a demo rests on. */
        static final int LEAST_ORDERS = 1_000;

        /** Whether exactly-once held under at least one kill, and at-least-once visibly did not. */
        @JsonIgnore
        public boolean isConvincing() {
            return exactlyOnce.passed()
                    && !exactlyOnce.kills().isEmpty()
                    && exactlyOnce.acknowledged() >= LEAST_ORDERS
                    && showsReplay(atLeastOnce);
        }
    }

    /** The client's own repetitions come out twice without any kill: what a kill does shows in its replay alone. */
    private static boolean showsReplay(Result result) {
        return !result.kills().isEmpty() && result.duplicated() > 0 && result.reprocessed() > 0;
    }

    private final SystemUnderTest system;
    private final Faults hand;
    private final long seed;
    private final Progress progress;

    public Demo(SystemUnderTest system, Faults hand, long seed, Progress progress) {
        this.system = system;
        this.hand = hand;
        this.seed = seed;
        this.progress = progress;
    }

    /** Leaves the stream in exactly-once. */
    public Outcome run() throws InterruptedException {
        warmUp();
        Result exactlyOnce = run(Mode.EXACTLY_ONCE);
        Result atLeastOnce = run(Mode.AT_LEAST_ONCE);
        for (int runs = 1; !showsReplay(atLeastOnce) && runs < MOST_AT_LEAST_ONCE_RUNS; runs++) {
            progress.note("No kill fell between an output and its commit, so that nothing was replayed: once more");
            atLeastOnce = run(Mode.AT_LEAST_ONCE);
        }
        new ModeSwitch(system).set(Mode.EXACTLY_ONCE);
        return new Outcome(exactlyOnce, atLeastOnce);
    }

    /** Without a kill. Its figures are not shown, but its orders must come through as well. */
    private void warmUp() throws InterruptedException {
        progress.note("Warming up, without a kill: programs that have just started are slow under either mode");
        Result result = run(Options.of(Mode.EXACTLY_ONCE, WARM_UP_ORDERS, WARM_UP_RATE, seed));
        if (!result.passed()) {
            throw new IllegalStateException("broken without any kill: " + String.join("; ", result.violations()));
        }
    }

    private Result run(Mode mode) throws InterruptedException {
        return run(Options.of(mode, ORDERS, RATE, seed).killing(List.of(ComponentName.CONSUMER), EVERY));
    }

    private Result run(Options options) throws InterruptedException {
        return new Verification(system, hand, options, progress).run();
    }

    /** Both ledgers side by side, and what to make of them. */
    public static String text(Outcome outcome) {
        Result exactly = outcome.exactlyOnce;
        Result atLeast = outcome.atLeastOnce;
        StringBuilder text = new StringBuilder(TextReport.ledger(List.of(exactly, atLeast)));
        text.append("%nkills under exactly-once%n%s".formatted(TextReport.faults(exactly)));
        text.append("%nkills under at-least-once%n%s%n".formatted(TextReport.faults(atLeast)));
        text.append("""
                Both runs were sent the same orders, some of them twice, and the stream was killed with kill -9 under load.
                Under at-least-once %,d records came out again after a kill; the other duplicates are those that the client
                sent twice, which that pipeline does not look for.
                """.formatted(atLeast.reprocessed()));
        if (outcome.isConvincing()) {
            text.append("%nPASSED  exactly-once lost and duplicated nothing; at-least-once duplicated %,d orders%n"
                    .formatted(atLeast.duplicated()));
        } else {
            text.append("%nFAILED%n".formatted());
            exactly.violations()
                    .forEach(
                            line -> text.append("  exactly-once: ").append(line).append('\n'));
            if (exactly.kills().isEmpty() || atLeast.kills().isEmpty()) {
                text.append("  the stream was not killed in both runs: nothing was put to the test\n");
            } else if (!showsReplay(atLeast)) {
                text.append("  at-least-once replayed nothing after a kill: the difference did not show\n");
            }
        }
        return text.toString();
    }
}
