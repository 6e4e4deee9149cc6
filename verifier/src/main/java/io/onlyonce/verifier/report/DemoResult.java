package io.onlyonce.verifier.report;

import com.fasterxml.jackson.annotation.JsonIgnore;

/** The results of the two runs of a demo. */
public record DemoResult(Result exactlyOnce, Result atLeastOnce) {
    private static final int MIN_ORDERS = 1_000;

    /** Whether exactly-once held under at least one kill, and at-least-once replayed records after a kill. */
    @JsonIgnore
    public boolean isConvincing() {
        return exactlyOnce.passed()
                && !exactlyOnce.kills().isEmpty()
                && exactlyOnce.acknowledged() >= MIN_ORDERS
                && showsReplay(atLeastOnce);
    }

    /** Whether a kill caused a replay. At-least-once emits the duplicates of the client even without any kill. */
    public static boolean showsReplay(Result result) {
        return !result.kills().isEmpty() && result.duplicated() > 0 && result.reprocessed() > 0;
    }
}
