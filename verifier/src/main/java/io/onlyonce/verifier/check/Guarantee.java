package io.onlyonce.verifier.check;

import java.util.Arrays;

/** The guarantee that the stream is configured for. It determines which anomalies are violations. */
public enum Guarantee {
    EXACTLY_ONCE("exactly-once"),

    /**
     * The stream uses no transactions and no deduplication, and may emit older orders again after a crash. A duplicate
     * still fails the run: the exit code answers "exactly once?", not "as expected?".
     */
    AT_LEAST_ONCE("at-least-once");

    private final String wireName;

    Guarantee(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** Whether the stream rejects an order id that it has already processed. */
    public boolean deduplicates() {
        return this == EXACTLY_ONCE;
    }

    public boolean isViolatedBy(Anomaly anomaly) {
        return this == EXACTLY_ONCE || anomaly != Anomaly.OUT_OF_ORDER;
    }

    /** @throws IllegalArgumentException if the name is unknown */
    public static Guarantee of(String wireName) {
        return Arrays.stream(values())
                .filter(guarantee -> guarantee.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "mode must be exactly-once or at-least-once, but was \"%s\"".formatted(wireName)));
    }
}
