package io.onlyonce.platform.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Identifies a process, even if its id is assigned to another process later.
 *
 * @param startedAt opaque start time; only useful for comparison
 */
public record ProcessIdentity(long pid, String startedAt) {
    /**
     * Returns the process that has this id now. A zombie counts as ended: it has closed its files and ports, but keeps its id
     * until its parent waits for it.
     */
    public static Optional<ProcessIdentity> of(long pid) {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return ProcessHandle.of(pid)
                    .filter(ProcessHandle::isAlive)
                    .map(process -> new ProcessIdentity(
                            pid,
                            process.info().startInstant().map(Object::toString).orElse("unknown")));
        }
        // ProcessHandle is not precise enough: its start instant changes with the system clock, and it reports zombies
        // as
        // alive. The stat file contains the start time in clock ticks since boot.
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            // The process name, in parentheses, can contain any character. Field 3 (state) follows it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            // The first thread of a killed process becomes a zombie while others still have the files and ports open.
            boolean ended = List.of("Z", "X").contains(fields[0]) && Integer.parseInt(fields[17]) <= 1;
            return ended ? Optional.empty() : Optional.of(new ProcessIdentity(pid, fields[19]));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        return of(pid).equals(Optional.of(this));
    }

    static Optional<ProcessIdentity> read(Path file) {
        try {
            String[] fields = Files.readString(file).strip().split(" ", 2);
            return Optional.of(new ProcessIdentity(Long.parseLong(fields[0]), fields[1]));
        } catch (IOException | RuntimeException e) {
            // The file is missing, or a crash truncated it.
            return Optional.empty();
        }
    }

    public void write(Path file) throws IOException {
        Directories.writePrivate(file, pid + " " + startedAt + "\n");
    }
}
