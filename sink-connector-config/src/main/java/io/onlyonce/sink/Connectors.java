package io.onlyonce.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The connector configurations of the folder {@code connectors/}. */
public final class Connectors {
    private Connectors() {}

    /**
     * Returns the configuration as Connect's REST API accepts it. The worker resolves the placeholders.
     *
     * @param name one of {@link io.onlyonce.model.kafka.Sink#allConnectors}
     */
    public static Map<String, String> config(String name) {
        try (InputStream file = Connectors.class.getResourceAsStream("connectors/" + name + ".json")) {
            return new JsonMapper().readValue(file, new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
