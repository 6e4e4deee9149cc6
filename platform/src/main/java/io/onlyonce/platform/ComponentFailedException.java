package io.onlyonce.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A part did not get ready. The message ends with the end of its log. */
public final class ComponentFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int LINES = 40;

    ComponentFailedException(String what, Path log) {
        super(what + ". The end of " + log + ":\n" + tail(log));
    }

    ComponentFailedException(String what, Throwable cause) {
        super(what, cause);
    }

    private static String tail(Path log) {
        try {
            // A log need not be UTF-8 to the last byte.
            List<String> lines =
                    Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
        } catch (IOException e) {
            return "(it cannot be read: " + e + ")";
        }
    }
}
