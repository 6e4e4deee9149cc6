package io.onlyonce.bench.http;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * The responses of one round.
 *
 * @param succeeded responses with status 200
 * @param succeededInTime those of them that arrived before the end of the round
 * @param failed responses with another status, and requests without a response
 * @param firstFailure null if there was none
 * @param round the time in which requests were sent
 * @param latencies of the responses with status 200, in nanoseconds
 */
public record LoadResult(
        long succeeded, long succeededInTime, long failed, String firstFailure, Duration round, Histogram latencies) {
    /** Returns the successful requests per second. */
    public double rate() {
        return succeededInTime / (round.toNanos() / 1e9);
    }

    /** @param percentile 0 to 100 */
    public double latencyMs(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }

    /** @throws IllegalStateException if a request failed, because the rate would then be meaningless */
    public LoadResult requireNoFailures() {
        if (failed > 0) {
            throw new IllegalStateException(
                    "%d of %d requests failed, the first with: %s".formatted(failed, failed + succeeded, firstFailure));
        }
        return this;
    }
}
