package io.onlyonce.query.audit;

import io.onlyonce.query.audit.AuditReport.Example;
import io.onlyonce.query.audit.AuditReport.LookedAt;
import io.onlyonce.query.audit.AuditReport.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Accumulates the results of all passes of an audit. {@link AuditReport} describes the counters. */
final class Findings {
    private static final int MAX_EXAMPLES = 10;

    /** A wait of this duration is normal: the sink writes once per second, and a restart takes some seconds. */
    private static final Duration NORMAL_DELAY = Duration.ofSeconds(60);

    long orders;
    long conflicts;
    long sourceDeleted;
    long deadLetters;
    long processedRecords;
    long orderRows;
    long processedRows;

    private long notStored;
    private long notStoredSince = Long.MAX_VALUE;

    private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
    private final Map<Anomaly, List<Example>> examples = new EnumMap<>(Anomaly.class);

    Findings() {
        for (Anomaly anomaly : Anomaly.values()) {
            counts.put(anomaly, 0L);
            examples.put(anomaly, new ArrayList<>());
        }
    }

    /**
     * @param orderId null if the record is not a valid order
     * @param source coordinates of the source record; can be {@link RecordCoordinates#NONE}
     */
    void add(Anomaly anomaly, String orderId, long source) {
        counts.merge(anomaly, 1L, Long::sum);
        List<Example> collected = examples.get(anomaly);
        if (collected.size() < MAX_EXAMPLES) {
            collected.add(Example.of(orderId, source));
        }
    }

    /** @param since the time of the record in `orders`, in milliseconds since 1970 */
    void addNotStored(long since) {
        notStored++;
        notStoredSince = Math.min(notStoredSince, since);
    }

    /** @param now the time of the start of the audit */
    private Verdict verdict(Instant now) {
        if (!examples.values().stream().allMatch(List::isEmpty)) {
            return Verdict.VIOLATIONS;
        }
        boolean delayed = notStored > 0 && Instant.ofEpochMilli(notStoredSince).isBefore(now.minus(NORMAL_DELAY));
        return delayed ? Verdict.DELAYED : Verdict.OK;
    }

    AuditReport report(Instant started, int passes, long elapsedMs, List<LookedAt> lookedAt) {
        return new AuditReport(
                verdict(started),
                counts.get(Anomaly.MISSING),
                counts.get(Anomaly.DUPLICATED),
                counts.get(Anomaly.PHANTOM),
                counts.get(Anomaly.ALTERED),
                counts.get(Anomaly.ROWS_MISSING),
                counts.get(Anomaly.UNMARKED_CONFLICTS),
                conflicts,
                notStored,
                notStored == 0 ? null : Instant.ofEpochMilli(notStoredSince),
                sourceDeleted,
                orders,
                deadLetters,
                processedRecords,
                orderRows,
                processedRows,
                passes,
                elapsedMs,
                examples,
                lookedAt);
    }
}
