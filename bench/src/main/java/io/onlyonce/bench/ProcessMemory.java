package io.onlyonce.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Resident memory of processes. Linux only. */
public final class ProcessMemory {
    private ProcessMemory() {}

    /** Returns the sum of the processes' proportional set sizes in MiB, which counts shared pages once. */
    public static double residentMebibytes(List<Long> pids) {
        return pids.stream().mapToLong(ProcessMemory::pssKibibytes).sum() / 1024.0;
    }

    private static long pssKibibytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup")).stream()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (NoSuchFileException e) {
            // PostgreSQL's child processes are short-lived: this one ended after it was listed.
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
