package io.onlyonce.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a run's results go beside the terminal. */
final class ReportOptions {
    @Option(names = "--json", paramLabel = "FILE", description = "Write the result as JSON")
    private Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page with the timeline")
    private Path html;

    @Option(names = "--keep", description = "Keep the stack's data and logs")
    private boolean keep;

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
