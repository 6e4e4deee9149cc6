package io.onlyonce.verifier;

/** What can be wrong with a history. Each is looked for in every mode; {@link Mode} says which break its promise. */
enum Anomaly {
    LOST("lost", "acknowledged, or committed to orders, and missing at the end"),
    DUPLICATED("duplicated", "came out more than once"),
    PHANTOM("phantom", "came out and was never sent, was refused, or never committed"),
    ALTERED("altered", "came out with another content than was sent"),
    PARTIAL_BATCH("partial_batches", "a batch of which only a part was committed"),
    OUT_OF_ORDER("out_of_order", "came out before what stands before it"),
    MISSING_RECORD("missing_records", "acknowledged more often than it stands in orders"),
    EXTRA_RECORD("extra_records", "stands in orders more often than it was sent"),
    UNBALANCED("unbalanced", "records in orders that became neither an output, nor a duplicate, nor a dead letter"),
    MISSING_ROW("missing_rows", "committed to a topic and not in its table"),
    INVALID_ACCEPTED("invalid_accepted", "broke a rule of the contract and was not refused"),
    REFUSED("refused", "was valid and was answered with a 4xx"),
    STALLED("stalled", "a sentinel, sent after all was healed, did not come through in time"),
    NOT_RECOVERED("not_recovered", "a part that gave nothing new in time after it was started again");

    private final String wireName;
    private final String meaning;

    Anomaly(String wireName, String meaning) {
        this.wireName = wireName;
        this.meaning = meaning;
    }

    String wireName() {
        return wireName;
    }

    String meaning() {
        return meaning;
    }
}
