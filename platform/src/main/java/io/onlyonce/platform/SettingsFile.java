package io.onlyonce.platform;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** A properties file made of one that holds everywhere and of what depends on the place. */
final class SettingsFile {
    private SettingsFile() {}

    static void write(Path target, Path everywhere, Map<String, String> place) throws IOException {
        Properties properties = new Properties();
        properties.putAll(place);
        // To a stream and not to a writer: Kafka reads Latin-1, so anything else has to be escaped.
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        properties.store(text, "What depends on the place");
        Files.writeString(target, Files.readString(everywhere) + "\n" + text.toString(StandardCharsets.ISO_8859_1));
    }
}
