package io.onlyonce.verifier.check;

import com.fasterxml.jackson.annotation.JsonValue;

/** The anomalies that the verifier detects. {@link Guarantee} decides which of them are violations. */
public enum Anomaly {
    LOST("lost", "acknowledged or committed to orders, but missing from the output or the tables"),
    DUPLICATED("duplicated", "processed more than once"),
    PHANTOM("phantom", "in the output or the tables, but never sent, rejected, or never committed"),
    ALTERED("altered", "content differs from the order that was sent"),
    PARTIAL_BATCH("partial_batches", "only some orders of the batch were committed"),
    OUT_OF_ORDER("out_of_order", "processed before an earlier record of the same partition"),
    MISSING_RECORD("missing_records", "fewer records in orders than acknowledgements"),
    EXTRA_RECORD("extra_records", "more records in orders than requests"),
    UNBALANCED("unbalanced", "records in orders do not match processed records, duplicates and dead letters"),
    MISSING_ROW("missing_rows", "committed to a topic, but missing from its table"),
    INVALID_ACCEPTED("invalid_accepted", "violates the contract, but was accepted"),
    REFUSED("refused", "valid, but rejected with a 4xx response"),
    STALLED("stalled", "a sentinel, sent after the last recovery, did not arrive before the deadline"),
    NOT_RECOVERED("not_recovered", "the component produced no new output before the deadline");

    private final String wireName;
    private final String meaning;

    Anomaly(String wireName, String meaning) {
        this.wireName = wireName;
        this.meaning = meaning;
    }

    @JsonValue
    public String wireName() {
        return wireName;
    }

    public String meaning() {
        return meaning;
    }
}
