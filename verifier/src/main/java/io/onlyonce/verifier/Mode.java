package io.onlyonce.verifier;

import java.util.EnumSet;
import java.util.Set;

/** The guarantee that the stream is asked for, and what that makes of an anomaly. */
public enum Mode {
    EXACTLY_ONCE("exactly-once", true, EnumSet.noneOf(Anomaly.class)),

    /**
     * No transactions in the stream and no memory of ids: a replay after a crash may go back in the order. That an
     * order comes out twice is still reported and still fails the run: the exit code answers "exactly once?", not "as
     * expected?".
     */
    AT_LEAST_ONCE("at-least-once", false, EnumSet.of(Anomaly.OUT_OF_ORDER));

    private final String wireName;
    private final boolean deduplicates;
    private final Set<Anomaly> allowed;

    Mode(String wireName, boolean deduplicates, Set<Anomaly> allowed) {
        this.wireName = wireName;
        this.deduplicates = deduplicates;
        this.allowed = allowed;
    }

    /** The name in JSON and on the command line. */
    public String wireName() {
        return wireName;
    }

    /** Whether the stream rejects an order_id that it has seen. */
    boolean deduplicates() {
        return deduplicates;
    }

    /** The same anomalies are looked for in every mode; this says which of them break its promise. */
    boolean isViolatedBy(Anomaly anomaly) {
        return !allowed.contains(anomaly);
    }

    /** @throws IllegalArgumentException where no mode has that name */
    public static Mode of(String wireName) {
        for (Mode mode : values()) {
            if (mode.wireName.equals(wireName)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "mode is \"%s\", which is neither exactly-once nor at-least-once".formatted(wireName));
    }
}
