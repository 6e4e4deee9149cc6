package io.onlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Processor time of processes. Linux only. */
public final class ProcessTime {
    /** The unit of the times in /proc, in milliseconds. It is 10 on all supported platforms. */
    private static final int TICK_MS = 10;

    private ProcessTime() {}

    /** Returns the user and system time of a process and of its child processes, including ended ones. */
    public static Duration withChildren(ProcessHandle process) {
        long ticks = ticks(process);
        try (Stream<ProcessHandle> children = process.descendants()) {
            ticks += children.mapToLong(ProcessTime::ticks).sum();
        }
        return Duration.ofMillis(ticks * TICK_MS);
    }

    private static long ticks(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            // The name in parentheses can contain spaces.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // User and system time, then those of the child processes that have ended.
            return Stream.of(fields[11], fields[12], fields[13], fields[14])
                    .mapToLong(Long::parseLong)
                    .sum();
        } catch (IOException e) {
            // The process has ended after it was listed. Its parent has its time.
            return 0;
        }
    }
}
