package io.onlyonce.query.audit;

import io.onlyonce.query.audit.AuditReport.Example;
import io.onlyonce.query.audit.AuditReport.Verdict;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Accumulates the results of all passes of an audit. {@link AuditReport} describes the counters. */
final class Findings {
    private static final int MAX_EXAMPLES = 10;

    long orders;
    long sourceDeleted;
    long deadLetters;
    long processedRecords;
    long orderRows;
    long processedRows;

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

    AuditReport report(int passes, long elapsedMs, List<AuditReport.LookedAt> lookedAt) {
        return new AuditReport(
                examples.values().stream().allMatch(List::isEmpty) ? Verdict.OK : Verdict.VIOLATIONS,
                counts.get(Anomaly.MISSING),
                counts.get(Anomaly.DUPLICATED),
                counts.get(Anomaly.PHANTOM),
                counts.get(Anomaly.ALTERED),
                counts.get(Anomaly.ROWS_MISSING),
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
