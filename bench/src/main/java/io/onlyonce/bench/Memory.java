package io.onlyonce.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** What processes hold of the machine's memory. Linux only. */
public final class Memory {
    private static final String PROPORTIONAL = "Pss:";
    private static final long KIBIBYTE = 1024;

    private Memory() {}

    /** @return bytes; of a page that several processes share, each counts its part */
    public static long resident(List<Long> pids) {
        return pids.stream().mapToLong(Memory::resident).sum();
    }

    private static long resident(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup")).stream()
                    .filter(line -> line.startsWith(PROPORTIONAL))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                    .sum();
        } catch (NoSuchFileException e) {
            // PostgreSQL's children come and go: this one has gone since it was listed, and holds nothing any more.
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
