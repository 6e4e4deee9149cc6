package io.onlyonce.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The sink's connectors, each a file of {@code connectors/} on top of {@code common.json}.
 *
 * <p>A file may say <code>${name}</code>, <code>${DATABASE_URL}</code>, <code>${DATABASE_USER}</code>, <code>
 * ${DATABASE_PASSWORD}</code> and <code>${schema:NAME}</code>, the content of {@code schemas/NAME.json}.
 */
public final class Connectors {
    public static final String ORDERS = "orders-sink";
    public static final String PROCESSED_MESSAGES = "processed-messages-sink";
    public static final String DUPLICATE_MESSAGES = "duplicate-messages-sink";

    public static final List<String> NAMES = List.of(ORDERS, PROCESSED_MESSAGES, DUPLICATE_MESSAGES);

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(?<what>[^}]+)}");
    private static final String SCHEMA = "schema:";
    private static final JsonMapper JSON = new JsonMapper();

    private Connectors() {}

    /** The configuration of one of {@link #NAMES}, as Connect takes it. */
    public static Map<String, String> config(String name, Database database) {
        Map<String, String> config = new TreeMap<>(read("common"));
        config.putAll(read(name));
        config.put("name", name);
        config.replaceAll((key, value) -> filled(value, name, database));
        return config;
    }

    private static String filled(String value, String name, Database database) {
        return PLACEHOLDER
                .matcher(value)
                .replaceAll(found -> Matcher.quoteReplacement(
                        switch (found.group("what")) {
                            case "name" -> name;
                            case "DATABASE_URL" -> bounded(database.url());
                            case "DATABASE_USER" -> database.user();
                            case "DATABASE_PASSWORD" -> database.connectPassword();
                            case String what when what.startsWith(SCHEMA) -> schema(what.substring(SCHEMA.length()));
                            case String what ->
                                throw new IllegalStateException(
                                        "Connector %s says ${%s}, which is not known".formatted(name, what));
                        }));
    }

    /**
     * A database that falls silent is given up after a while, like one that refuses: by default the driver waits for ever.
     * Many times what a batch takes.
     */
    private static String bounded(String url) {
        return url + (url.contains("?") ? "&" : "?") + "connectTimeout=5&socketTimeout=20&tcpKeepAlive=true";
    }

    private static Map<String, String> read(String name) {
        try (InputStream file = resource("connectors/" + name + ".json")) {
            return JSON.readValue(file, new TypeReference<>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String schema(String name) {
        try (InputStream file = resource("schemas/" + name + ".json")) {
            return JSON.readTree(file).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource(String path) {
        InputStream resource = Connectors.class.getResourceAsStream(path);
        if (resource == null) {
            throw new IllegalStateException(path + " is missing from the jar");
        }
        return resource;
    }
}
