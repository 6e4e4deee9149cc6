package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A process, and not another one that was given its id later.
 *
 * @param startedAt when, in a form that tells two processes apart and means nothing else
 */
record ProcessIdentity(long pid, String startedAt) {
    private static final Path PROC = Path.of("/proc");

    /** The process that has this id now. A zombie is none: it has ended, though nobody has asked for its exit code. */
    static Optional<ProcessIdentity> of(long pid) {
        if (Files.isDirectory(PROC.resolve("self"))) {
            return ofLinux(pid);
        }
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .map(process -> new ProcessIdentity(
                        pid, process.info().startInstant().map(Object::toString).orElse("unknown")));
    }

    /** Ticks since the boot: ProcessHandle's instant moves with the clock, and a zombie counts as alive there. */
    private static Optional<ProcessIdentity> ofLinux(long pid) {
        try {
            String stat = Files.readString(PROC.resolve(pid + "/stat"));
            // The name in parentheses may hold anything; what follows it are the fields from the third on.
            List<String> fields =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
            boolean ended = fields.getFirst().equals("Z") || fields.getFirst().equals("X");
            return ended ? Optional.empty() : Optional.of(new ProcessIdentity(pid, fields.get(19)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    boolean isAlive() {
        return of(pid).equals(Optional.of(this));
    }

    static Optional<ProcessIdentity> read(Path file) {
        try {
            String[] parts = Files.readString(file).strip().split(" ", 2);
            return Optional.of(new ProcessIdentity(Long.parseLong(parts[0]), parts[1]));
        } catch (IOException | RuntimeException e) {
            // No file, or one that a crash has cut short: nothing that could be said to run.
            return Optional.empty();
        }
    }

    void write(Path file) {
        try {
            Files.writeString(file, pid + " " + startedAt + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
