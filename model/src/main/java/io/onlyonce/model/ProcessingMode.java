package io.onlyonce.model;

/** The processing guarantee of the stream. */
public enum ProcessingMode {
    /** {@code exactly_once_v2}: one transaction commits the output records, the state and the offsets. */
    EXACTLY_ONCE("exactly-once"),
    /** {@code at_least_once}: after a crash, uncommitted records are processed and sent again. */
    AT_LEAST_ONCE("at-least-once");

    private final String wireName;

    ProcessingMode(String wireName) {
        this.wireName = wireName;
    }

    /** Returns the name in JSON, metrics and settings. */
    public String wireName() {
        return wireName;
    }

    public static ProcessingMode of(String wireName) {
        return Rules.constant("processing_mode", wireName, values(), ProcessingMode::wireName);
    }
}
