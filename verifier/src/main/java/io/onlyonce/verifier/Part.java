package io.onlyonce.verifier;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What can be killed: the contract's services, each an operating-system process. */
public enum Part {
    KAFKA,
    CONNECT,
    POSTGRES,
    PRODUCER,
    CONSUMER,
    API;

    /** The contract's name, for example {@code consumer}. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** @throws IllegalArgumentException where no part has that name; the message lists those that exist */
    public static Part of(String wireName) {
        return Arrays.stream(values())
                .filter(part -> part.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("\"%s\" is none of the parts %s"
                        .formatted(
                                wireName,
                                Arrays.stream(values()).map(Part::wireName).collect(Collectors.joining(", ")))));
    }
}
