package io.onlyonce.verifier.report;

import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The result in the JSON format of the contract. */
public final class JsonReport {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private JsonReport() {}

    public static String of(Result result) {
        return MAPPER.writeValueAsString(result) + "\n";
    }

    /** Returns one object with the keys {@code exactly_once} and {@code at_least_once}. */
    public static String of(DemoResult demo) {
        return MAPPER.writeValueAsString(demo) + "\n";
    }
}
