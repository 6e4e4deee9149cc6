package io.onlyonce.verifier;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;

/**
 * The ledger of a run, as JSON has it: the contract's fields first.
 *
 * @param mode that the stream was set to
 * @param sent orders, each counted once, sentinels not counted
 * @param acknowledged orders acknowledged at least once
 * @param indeterminate orders that never got an answer: allowed nought or one times
 * @param lost orders acknowledged, or committed to orders, that are missing in orders.processed or the tables
 * @param duplicated orders that came out more than once
 * @param phantom orders, records or rows that came out and were never sent, were refused, or were never committed
 * @param altered orders that came out with another content
 * @param partialBatches batches of which only a part was committed
 * @param duplicatesSent times that an acknowledged order was sent again and acknowledged again
 * @param duplicatesRejected records in orders.duplicates
 * @param kills the faults
 * @param recoveryMs over all faults
 * @param throughputPerS orders acknowledged a second of the load
 * @param passed whether the mode's promise was kept and every fault that was asked for took place
 * @param violations why not, one line each
 * @param seed to run the same plan again
 * @param run what the ids of the run's orders begin with
 * @param startedAt when the load began
 * @param durationS of the load, in seconds
 * @param reprocessed outputs whose very record in orders had come out before: replays, not the client's repetitions
 * @param anomalies how often each kind was seen, violations or not
 * @param records committed to the topics
 * @param client what the client went through
 * @param latencyMs from the moment an order was due to its acknowledgement, stalls and retries included
 * @param examples the first cases of each anomaly
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
        List<Injury> kills,
        Spread recoveryMs,
        double throughputPerS,
        boolean passed,
        List<String> violations,
        long seed,
        String run,
        @JsonFormat(shape = JsonFormat.Shape.STRING) Instant startedAt,
        double durationS,
        long reprocessed,
        Anomalies anomalies,
        Records records,
        Client client,
        Latency latencyMs,
        List<Case> examples,
        @JsonIgnore List<Timeline.Sample> timeline) {

    /** In milliseconds; null where nothing was measured. */
    public record Spread(Long median, Long max) {
        static Spread of(List<Long> values) {
            if (values.isEmpty()) {
                return new Spread(null, null);
            }
            List<Long> sorted = values.stream().sorted().toList();
            int half = sorted.size() / 2;
            long median = sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
            return new Spread(median, sorted.getLast());
        }
    }

    /** What was seen apart from the five that the contract names. */
    public record Anomalies(
            long outOfOrder,
            long missingRecords,
            long extraRecords,
            long unbalanced,
            long missingRows,
            long invalidAccepted,
            long refused,
            long stalled,
            long notRecovered) {}

    /** Committed since the run began, sentinels included. */
    public record Records(long orders, long processed, long duplicates, long deadLetters) {}

    public record Client(
            long retries, long unansweredRequests, long refusedConnections, long invalidSent, long invalidRefused) {}

    public record Latency(double p50, double p95, double p99, double max) {}

    /** One case of an anomaly: the order or the place, and what is wrong with it. */
    public record Case(String anomaly, String where, String what) {}
}
