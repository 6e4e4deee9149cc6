package io.onlyonce.verifier;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The contract's parts, each an operating-system process that can be killed, in the order in which they are stopped. */
public enum ComponentName {
    PRODUCER,
    API,
    CONSUMER,
    CONNECT,
    KAFKA,
    POSTGRES;

    /** The contract's name, for example {@code consumer}. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** @throws IllegalArgumentException where no part has that name; the message lists those that exist */
    public static ComponentName of(String wireName) {
        return Arrays.stream(values())
                .filter(part -> part.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"%s\" is none of the parts %s"
                        .formatted(
                                wireName,
                                Arrays.stream(values())
                                        .map(ComponentName::wireName)
                                        .collect(Collectors.joining(", ")))));
    }
}
