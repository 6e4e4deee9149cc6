package io.onlyonce.bench;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param rounds of each contender
 * @param orders that a stream has to work through in a round; the first third is its warm-up. A third of them for a sink
 * @param storedIds in the full store, and rows in the full tables
 * @param recoveredIds in the store that has to be restored after a kill
 * @param warmUp of a service under load, before its first round
 * @param load of one round of a service
 */
public record Scale(int rounds, int orders, int storedIds, int recoveredIds, Duration warmUp, Duration load) {
    static final Scale FULL =
            new Scale(3, 1_500_000, 10_000_000, 1_000_000, Duration.ofSeconds(40), Duration.ofSeconds(10));

    /** A look in a few minutes; what it says of the machine is rough. */
    static final Scale QUICK = new Scale(1, 200_000, 300_000, 100_000, Duration.ofSeconds(5), Duration.ofSeconds(3));
}
