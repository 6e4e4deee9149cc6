package io.onlyonce.verifier;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run does.
 *
 * @param mode what the stream is set to, and held to
 * @param orders how many are sent; duplicates come on top
 * @param rate orders a second
 * @param duplicatesPercent of the orders, so many are sent again
 * @param kill the parts that are killed with SIGKILL and started again
 * @param freeze the parts that are stopped with SIGSTOP, replaced where that can be done, and woken up as zombies
 * @param every the time between two faults, give or take a half of it
 * @param freezeFor how long a freeze lasts; to be longer than the system's session and transaction time-outs
 * @param seed decides the orders, their repetitions, and when and in which order the parts are hit; not how the
 *     system's threads run
 * @param maxInFlight requests that may wait for an answer at a time
 * @param requestTimeout how long a client waits for an answer
 * @param bound how long anything may take once all parts are up again; what takes longer has stalled
 */
public record Options(
        Mode mode,
        int orders,
        double rate,
        int duplicatesPercent,
        List<ComponentName> kill,
        List<ComponentName> freeze,
        Duration every,
        Duration freezeFor,
        long seed,
        int maxInFlight,
        Duration requestTimeout,
        Duration bound) {
    /**
     * The largest run: the ledger and the audit take up to 24 bytes an order, and the launcher's heap of 512 MB has room
     * for 341 MB of what stays.
     */
    public static final int MAX_ORDERS = 10_000_000;

    public static final int DEFAULT_ORDERS = 10_000;
    public static final double DEFAULT_RATE = 500;
    public static final int DEFAULT_DUPLICATES_PERCENT = 5;
    public static final Duration DEFAULT_EVERY = Duration.ofSeconds(8);
    /** Longer than the stream's session time-out (6 s) and its transaction time-out. */
    public static final Duration DEFAULT_FREEZE = Duration.ofSeconds(20);

    public static final int DEFAULT_MAX_IN_FLIGHT = 256;
    public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(15);
    public static final Duration DEFAULT_BOUND = Duration.ofSeconds(60);

    /** @throws IllegalArgumentException where a value is out of its range; the message names it */
    public Options {
        kill = List.copyOf(kill);
        freeze = List.copyOf(freeze);
        require(orders >= 1 && orders <= MAX_ORDERS, "orders", orders, "between 1 and " + MAX_ORDERS);
        require(rate > 0, "rate", rate, "more than 0");
        require(duplicatesPercent >= 0 && duplicatesPercent <= 100, "duplicates", duplicatesPercent, "a percentage");
        require(every.isPositive(), "every", every, "more than 0 s");
        require(maxInFlight >= 1, "max-in-flight", maxInFlight, "at least 1");
    }

    /** A run without faults, with the defaults for all else. */
    public static Options of(Mode mode, int orders, double rate, long seed) {
        return new Options(
                mode,
                orders,
                rate,
                DEFAULT_DUPLICATES_PERCENT,
                List.of(),
                List.of(),
                DEFAULT_EVERY,
                DEFAULT_FREEZE,
                seed,
                DEFAULT_MAX_IN_FLIGHT,
                DEFAULT_REQUEST_TIMEOUT,
                DEFAULT_BOUND);
    }

    /** The same run with these parts being killed. */
    public Options killing(List<ComponentName> parts, Duration every) {
        return new Options(
                mode,
                orders,
                rate,
                duplicatesPercent,
                parts,
                freeze,
                every,
                freezeFor,
                seed,
                maxInFlight,
                requestTimeout,
                bound);
    }

    List<Fault> faults() {
        return Stream.concat(
                        kill.stream().<Fault>map(Fault.Kill::new),
                        freeze.stream().map(Fault.Freeze::new))
                .toList();
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("%s is %s, but has to be %s".formatted(name, value, range));
        }
    }
}
