package io.onlyonce.launcher.command;

import io.onlyonce.platform.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for the results of a run, in addition to the terminal. */
final class ReportOptions {
    @Option(
            names = "--json",
            paramLabel = "FILE",
            converter = WritableFile.class,
            description = "Write the result as JSON")
    private Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            converter = WritableFile.class,
            description = "Write the result as a page with a timeline")
    private Path html;

    @Option(names = "--keep", description = "Keep the data and logs of the stack")
    private boolean keep;

    /** Rejects a file that cannot be written before the run instead of after it. */
    static final class WritableFile implements ITypeConverter<Path> {
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
