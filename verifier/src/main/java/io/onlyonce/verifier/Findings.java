package io.onlyonce.verifier;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was found wrong: how often, and the first few cases of each kind. */
final class Findings {
    /** Cases kept of each kind: enough to start looking, few enough to read. */
    static final int MAX_EXAMPLES = 5;

    /**
     * @param anomaly what is wrong
     * @param where the order's id, or a place in a topic
     * @param what the case, for a person
     */
    record Example(Anomaly anomaly, String where, String what) {}

    private final Map<Anomaly, Long> counts = new EnumMap<>(Anomaly.class);
    private final Map<Anomaly, List<Example>> examples = new EnumMap<>(Anomaly.class);

    synchronized void add(Anomaly anomaly, String where, String what) {
        counts.merge(anomaly, 1L, Long::sum);
        List<Example> kept = examples.computeIfAbsent(anomaly, a -> new ArrayList<>());
        if (kept.size() < MAX_EXAMPLES) {
            kept.add(new Example(anomaly, where, what));
        }
    }

    synchronized long count(Anomaly anomaly) {
        return counts.getOrDefault(anomaly, 0L);
    }

    /** In the order of the anomalies. */
    synchronized List<Example> examples() {
        return examples.values().stream().flatMap(List::stream).toList();
    }

    synchronized Map<Anomaly, Long> counts() {
        return Collections.unmodifiableMap(new EnumMap<>(counts));
    }
}
