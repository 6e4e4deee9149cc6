package io.onlyonce.verifier;

import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.faults.PlannedFault;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The options of a run.
 *
 * @param mode the guarantee that the stream is configured for and checked against
 * @param orders number of orders, without duplicates
 * @param rate orders per second
 * @param duplicatesPercent percentage of the orders that are sent again
 * @param kill the components that are killed with SIGKILL and restarted
 * @param freeze the components that are stopped with SIGSTOP, replaced if possible, and continued as zombies
 * @param every mean time between two faults; the actual time is 50% to 150% of it
 * @param freezeFor duration of a freeze; must exceed the session and transaction timeouts of the system
 * @param seed determines the orders, their duplicates, and the time and order of the faults, but not the scheduling of
 *     the system's threads
 * @param bound deadline for recovery and for sentinels; a system that takes longer has stalled
 */
public record Options(
        Guarantee mode,
        int orders,
        double rate,
        int duplicatesPercent,
        List<ComponentName> kill,
        List<ComponentName> freeze,
        Duration every,
        Duration freezeFor,
        long seed,
        Duration bound) {
    /** 24 bytes per order, of the 341 MB of long-lived data that fit into the launcher's heap of 512 MB. */
    public static final int MAX_ORDERS = 10_000_000;

    public static final int DEFAULT_ORDERS = 10_000;
    public static final double DEFAULT_RATE = 500;
    public static final int DEFAULT_DUPLICATES_PERCENT = 5;
    public static final Duration DEFAULT_EVERY = Duration.ofSeconds(8);
    /** Exceeds the stream's session timeout (6 s) and its transaction timeout. */
    public static final Duration DEFAULT_FREEZE = Duration.ofSeconds(20);

    public static final Duration DEFAULT_BOUND = Duration.ofSeconds(60);

    /** @throws IllegalArgumentException if a value is out of range; the message names the value */
    public Options {
        kill = List.copyOf(kill);
        freeze = List.copyOf(freeze);
        require(orders >= 1 && orders <= MAX_ORDERS, "orders", orders, "between 1 and " + MAX_ORDERS);
        require(rate > 0, "rate", rate, "greater than 0");
        require(duplicatesPercent >= 0 && duplicatesPercent <= 100, "duplicates", duplicatesPercent, "0 to 100");
        require(every.isPositive(), "every", every, "greater than 0 s");
    }

    /** Returns the options of a run that kills the given components and uses the defaults for everything else. */
    public static Options of(
            Guarantee mode, int orders, double rate, List<ComponentName> kill, Duration every, long seed) {
        return new Options(
                mode,
                orders,
                rate,
                DEFAULT_DUPLICATES_PERCENT,
                kill,
                List.of(),
                every,
                DEFAULT_FREEZE,
                seed,
                DEFAULT_BOUND);
    }

    public List<PlannedFault> faults() {
        Stream<PlannedFault> kills = kill.stream().map(one -> new PlannedFault(one, PlannedFault.Signal.SIGKILL));
        Stream<PlannedFault> freezes = freeze.stream().map(one -> new PlannedFault(one, PlannedFault.Signal.SIGSTOP));
        return Stream.concat(kills, freezes).toList();
    }

    private static void require(boolean holds, String name, Object value, String range) {
        if (!holds) {
            throw new IllegalArgumentException("%s must be %s, but was %s".formatted(name, range, value));
        }
    }
}
