package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/**
 * Kills a process, or deletes a directory, when this JVM ends, however it ends.
 *
 * <p>A small shell that reads a pipe held open by this JVM alone, until it reads `release`; where the pipe closes before
 * that, whoever held it is gone.
 */
final class Watchdog implements AutoCloseable {
    /** Reads process ids. */
    private static final String KILL = """
            trap '' HUP INT TERM
            while read -r line; do
              [ "$line" = release ] && exit 0
              pids="$pids $line"
            done
            kill -s KILL $pids 2>/dev/null
            """;

    /** The processes that write there are killed at the same time, by watchdogs of their own: until it stays away. */
    private static final String DELETE = """
            trap '' HUP INT TERM
            read -r line && exit 0
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              rm -rf "$1"
              sleep 1
              [ -e "$1" ] || exit 0
            done
            """;

    private final Writer pipe;
    private boolean released;

    private Watchdog(Writer pipe) {
        this.pipe = pipe;
    }

    static Watchdog over(long pid) {
        Watchdog watchdog = start(KILL, "");
        watchdog.alsoOver(List.of(pid));
        return watchdog;
    }

    static Watchdog over(Path directory) {
        return start(DELETE, directory.toAbsolutePath().toString());
    }

    private static Watchdog start(String script, String argument) {
        try {
            Process shell = new ProcessBuilder(OwnSession.of(List.of("/bin/sh", "-c", script, "watchdog", argument)))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new Watchdog(shell.outputWriter());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void alsoOver(List<Long> pids) {
        pids.forEach(pid -> say(Long.toString(pid)));
    }

    /** To be called when the process has ended, as its id may be given to another; and when the directory is gone. */
    @Override
    public synchronized void close() {
        if (!released) {
            released = true;
            say("release");
        }
    }

    private synchronized void say(String line) {
        try {
            pipe.write(line + "\n");
            pipe.flush();
        } catch (IOException e) {
            // The shell has had its release before, or was killed by somebody: nothing is left to guard with.
        }
    }
}
