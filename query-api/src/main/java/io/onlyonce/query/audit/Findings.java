package io.onlyonce.query.audit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the passes of an audit add up to. */
final class Findings {
    private static final int MAX_EXAMPLES = 10;

    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    private final Map<Fault, List<AuditReport.Example>> examples = new EnumMap<>(Fault.class);
    private long orders;
    private long sourceDeleted;
    private long deadLetters;
    private long processedRecords;
    private long orderRows;
    private long processedRows;

    Findings() {
        for (Fault fault : Fault.values()) {
            counts.put(fault, 0L);
            examples.put(fault, new ArrayList<>());
        }
    }

    void fault(Fault fault, AuditReport.Example example) {
        counts.merge(fault, 1L, Long::sum);
        if (examples.get(fault).size() < MAX_EXAMPLES) {
            examples.get(fault).add(example);
        }
    }

    void order() {
        orders++;
    }

    void sourceDeleted() {
        sourceDeleted++;
    }

    void deadLetters(long count) {
        deadLetters += count;
    }

    void processedRecord() {
        processedRecords++;
    }

    void orderRow() {
        orderRows++;
    }

    void processedRow() {
        processedRows++;
    }

    AuditReport report(int passes, long elapsedMs, List<AuditReport.LookedAt> lookedAt) {
        boolean clean = counts.values().stream().allMatch(count -> count == 0);
        return new AuditReport(
                clean ? AuditReport.Verdict.OK : AuditReport.Verdict.VIOLATIONS,
                counts.get(Fault.MISSING),
                counts.get(Fault.DUPLICATED),
                counts.get(Fault.PHANTOM),
                counts.get(Fault.ALTERED),
                counts.get(Fault.ROWS_MISSING),
                sourceDeleted,
                orders,
                deadLetters,
                processedRecords,
                orderRows,
                processedRows,
                passes,
                elapsedMs,
                new AuditReport.Examples(
                        examples.get(Fault.MISSING),
                        examples.get(Fault.DUPLICATED),
                        examples.get(Fault.PHANTOM),
                        examples.get(Fault.ALTERED),
                        examples.get(Fault.ROWS_MISSING)),
                lookedAt);
    }
}
