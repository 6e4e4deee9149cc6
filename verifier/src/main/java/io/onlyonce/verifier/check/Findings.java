package io.onlyonce.verifier.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The detected anomalies: a count and the first examples of each. Thread-safe. */
public final class Findings {
    private static final int MAX_EXAMPLES_PER_ANOMALY = 5;

    /** @param where the order id, or the coordinates of a record */
    public record Example(Anomaly anomaly, String where, String what) {}

    private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
    private final Map<Anomaly, List<Example>> examples = new EnumMap<>(Anomaly.class);

    public synchronized void add(Anomaly anomaly, String where, String what) {
        counts.merge(anomaly, 1L, Long::sum);
        List<Example> kept = examples.computeIfAbsent(anomaly, a -> new ArrayList<>());
        if (kept.size() < MAX_EXAMPLES_PER_ANOMALY) {
            kept.add(new Example(anomaly, where, what));
        }
    }

    public synchronized long count(Anomaly anomaly) {
        return counts.getOrDefault(anomaly, 0L);
    }

    /** Returns the examples, sorted by anomaly. */
    public synchronized List<Example> examples() {
        return examples.values().stream().flatMap(List::stream).toList();
    }

    /** Returns the count of every anomaly that occurred, sorted by anomaly. */
    public synchronized Map<Anomaly, Long> counts() {
        return new EnumMap<>(counts);
    }
}
