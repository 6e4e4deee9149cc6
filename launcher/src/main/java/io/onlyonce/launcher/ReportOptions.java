package io.onlyonce.launcher;

import io.onlyonce.platform.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where a run's results go beside the terminal. */
final class ReportOptions {
    @Option(names = "--json", paramLabel = "FILE", converter = Writable.class, description = "Write the result as JSON")
    private Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            converter = Writable.class,
            description = "Write a page with the timeline")
    private Path html;

    @Option(names = "--keep", description = "Keep the stack's data and logs")
    private boolean keep;

    /** Refuses, before the run, what could not be written after it. */
    static final class Writable implements ITypeConverter<Path> {
        @Override
        public Path convert(String value) {
            try {
                return Directories.requireWritable(Path.of(value));
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    boolean keep() {
        return keep;
    }

    void write(String jsonText, String htmlText) throws IOException {
        if (json != null) {
            Files.writeString(json, jsonText);
        }
        if (html != null) {
            Files.writeString(html, htmlText);
        }
    }
}
