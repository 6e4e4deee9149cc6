package io.onlyonce.verifier;

import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The report as the contract's JSON. */
public final class JsonReport {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private JsonReport() {}

    /** One object for one run. */
    public static String of(Result result) {
        return MAPPER.writeValueAsString(result) + "\n";
    }

    /** One object with the keys {@code exactly_once} and {@code at_least_once}. */
    public static String of(Demo.Outcome outcome) {
        return MAPPER.writeValueAsString(outcome) + "\n";
    }
}
