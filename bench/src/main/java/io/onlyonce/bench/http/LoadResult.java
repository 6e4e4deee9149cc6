package io.onlyonce.bench.http;

import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * The responses of one round.
 *
 * @param latencies of the responses with status 200, in nanoseconds
 * @param succeededInTime those of them that arrived before the end of the round
 * @param failures responses with another status, and the reasons of requests without a response
 */
public record LoadResult(Histogram latencies, long succeededInTime, List<String> failures, Duration round) {
    public long succeeded() {
        return latencies.getTotalCount();
    }

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
        if (!failures.isEmpty()) {
            throw new IllegalStateException("%d of %d requests failed, the first with: %s"
                    .formatted(failures.size(), failures.size() + succeeded(), failures.getFirst()));
        }
        return this;
    }
}
