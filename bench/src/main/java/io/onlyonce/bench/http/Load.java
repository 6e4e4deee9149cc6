package io.onlyonce.bench.http;

import java.time.Duration;
import org.HdrHistogram.Histogram;

/**
 * What became of the requests of one round.
 *
 * @param answered with 200, all told
 * @param answeredInTime those answered before the round's end; the others were under way then
 * @param failed answered with something else, or not at all
 * @param firstFailure null where none failed
 * @param round how long requests were sent
 * @param latencies of those answered with 200, in nanoseconds
 */
public record Load(
        long answered, long answeredInTime, long failed, String firstFailure, Duration round, Histogram latencies) {
    /** Requests a second. */
    public double rate() {
        return answeredInTime / (round.toNanos() / 1e9);
    }

    /** @param percentile 0 to 100 */
    public double latencyMs(double percentile) {
        return latencies.getValueAtPercentile(percentile) / 1e6;
    }

    /** @throws IllegalStateException where one failed: a contender that drops requests has no rate */
    public Load withoutFailures() {
        if (failed > 0) {
            throw new IllegalStateException(
                    "%d of %d requests failed, the first with: %s".formatted(failed, failed + answered, firstFailure));
        }
        return this;
    }
}
