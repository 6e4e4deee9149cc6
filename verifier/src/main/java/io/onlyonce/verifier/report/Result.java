package io.onlyonce.verifier.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.faults.Fault;
import io.onlyonce.verifier.observe.Timeline;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The result of a run. The order of the components is the order of the fields in the JSON of the contract.
 *
 * @param sent orders, without repetitions and sentinels
 * @param acknowledged orders acknowledged at least once
 * @param indeterminate orders without any response; each is allowed zero times or once
 * @param duplicatesSent acknowledged repetitions of acknowledged orders
 * @param duplicatesRejected records in orders.duplicates
 * @param throughputPerS acknowledged orders per second of the load
 * @param passed whether the guarantee holds and every planned fault was injected
 * @param run prefix of the order ids
 * @param reprocessed records of orders that were processed again: replays, not repetitions by the client
 * @param anomalies count of every other anomaly, even if it is not a violation
 * @param latencyMs from the scheduled start of a request to its acknowledgement, including retries
 */
public record Result(
        String mode,
        int sent,
        int acknowledged,
        int indeterminate,
        long lost,
        long duplicated,
        long phantom,
        long altered,
        long partialBatches,
        long duplicatesSent,
        long duplicatesRejected,
        List<Fault> kills,
        Spread recoveryMs,
        double throughputPerS,
        boolean passed,
        List<String> violations,
        long seed,
        String run,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
        double durationS,
        long reprocessed,
        Map<Anomaly, Long> anomalies,
        Records records,
        Client client,
        Latency latencyMs,
        List<Findings.Example> examples,
        @JsonIgnore List<Timeline.Sample> timeline) {

    /** Recovery times in milliseconds over all faults; null if no component recovered. */
    public record Spread(Long median, Long max) {
        /** @param values null for a component that did not recover */
        public static Spread of(List<Long> values) {
            List<Long> sorted =
                    values.stream().filter(Objects::nonNull).sorted().toList();
            if (sorted.isEmpty()) {
                return new Spread(null, null);
            }
            int size = sorted.size();
            return new Spread((sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2, sorted.getLast());
        }
    }

    /** Records committed since the start of the run, including sentinels. */
    public record Records(long orders, long processed, long duplicates, long deadLetters) {}

    public record Client(
            long retries, long unansweredRequests, long refusedConnections, long invalidSent, long invalidRefused) {}

    public record Latency(double p50, double p95, double p99, double max) {}

    long count(Anomaly anomaly) {
        return switch (anomaly) {
            case LOST -> lost;
            case DUPLICATED -> duplicated;
            case PHANTOM -> phantom;
            case ALTERED -> altered;
            case PARTIAL_BATCH -> partialBatches;
            default -> anomalies.getOrDefault(anomaly, 0L);
        };
    }
}
