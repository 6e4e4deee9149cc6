package io.onlyonce.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A component could not be set up or was not ready in time. The message contains the end of its log. */
public final class ComponentFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int LINES = 40;

    ComponentFailedException(String reason, Path log) {
        super(reason + ". The end of " + log + ":\n" + tail(log, LINES));
    }

    static String tail(Path log, int count) {
        try {
            // Every byte sequence is valid in this charset; a log is not always valid UTF-8.
            List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - count), lines.size()));
        } catch (IOException e) {
            return "(cannot be read: " + e + ")";
        }
    }
}
