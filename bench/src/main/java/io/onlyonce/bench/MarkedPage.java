package io.onlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of docs/ whose prose is written by hand, and whose figures stand between two markers. */
record MarkedPage(Path file) {
    private static final String BEGIN = "<!-- bench:begin -->";
    private static final String END = "<!-- bench:end -->";

    /** @throws IllegalStateException where the page has no such place */
    void fill(String figures) throws IOException {
        String page = Files.exists(file) ? Files.readString(file) : BEGIN + "\n" + END + "\n";
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END, Math.max(0, begin));
        if (begin < 0 || end < 0) {
            throw new IllegalStateException(file + " lacks the markers " + BEGIN + " and " + END);
        }
        Files.writeString(
                file, page.substring(0, begin + BEGIN.length()) + "\n" + figures.strip() + "\n" + page.substring(end));
    }
}
