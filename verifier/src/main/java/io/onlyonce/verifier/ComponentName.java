package io.onlyonce.verifier;

import java.util.Arrays;
import java.util.Locale;

/** The components of the contract, in shutdown order. Each is an operating-system process that can be killed. */
public enum ComponentName {
    PRODUCER,
    API,
    CONSUMER,
    CONNECT,
    KAFKA,
    POSTGRES;

    /** Returns the name in the contract, for example {@code consumer}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if no component has this name; the message lists the valid names */
    public static ComponentName of(String wireName) {
        return Arrays.stream(values())
                .filter(component -> component.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("component must be one of %s, but was \"%s\""
                        .formatted(Arrays.toString(values()).toLowerCase(Locale.ROOT), wireName)));
    }
}
