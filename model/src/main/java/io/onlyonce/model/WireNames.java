package io.onlyonce.model;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds an enum's constant by its name on the wire. */
final class WireNames {
    private WireNames() {}

    static <E> E find(E[] constants, Function<E, String> wireName, String field, String value) {
        return Arrays.stream(constants)
                .filter(constant -> wireName.apply(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("%s is \"%s\", which is none of %s"
                        .formatted(
                                field,
                                value,
                                Arrays.stream(constants).map(wireName).collect(Collectors.joining(", ")))));
    }
}
