package io.onlyonce.bench;

import java.time.Duration;

/**
 * The amount of work in a run.
 *
 * @param rounds per candidate
 * @param orders that a stream processes in a round, the first third as its warm-up; the sink writes a third of this number
 * @param storedIds ids in the full dedup store, and rows in the full tables
 * @param recoveredIds ids in the smaller dedup store of the recovery
 * @param warmUp duration of the load before the first round of a service
 * @param load duration of the load in one round of a service
 */
public record BenchScale(int rounds, int orders, int storedIds, int recoveredIds, Duration warmUp, Duration load) {
    static final BenchScale FULL =
            new BenchScale(3, 1_500_000, 10_000_000, 1_000_000, Duration.ofSeconds(40), Duration.ofSeconds(10));

    /** Takes a few minutes; its rates are rough. */
    static final BenchScale QUICK =
            new BenchScale(1, 200_000, 300_000, 100_000, Duration.ofSeconds(5), Duration.ofSeconds(3));
}
