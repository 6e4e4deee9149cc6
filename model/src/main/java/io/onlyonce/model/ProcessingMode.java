package io.onlyonce.model;

/** The guarantee that the stream runs with. */
public enum ProcessingMode {
    /** {@code exactly_once_v2}: outputs, state and offsets are committed in one transaction. */
    EXACTLY_ONCE("exactly-once"),
    /** {@code at_least_once}: what was not committed at a crash is processed, and sent, again. */
    AT_LEAST_ONCE("at-least-once");

    private final String wireName;

    ProcessingMode(String wireName) {
        this.wireName = wireName;
    }

    /** The name in JSON, metrics and settings. */
    public String wireName() {
        return wireName;
    }

    /** @throws IllegalArgumentException where no mode has that name; the message lists those that exist */
    public static ProcessingMode of(String wireName) {
        return WireNames.find(values(), ProcessingMode::wireName, "processing_mode", wireName);
    }
}
