package io.onlyonce.platform.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;

/**
 * Kills processes, or deletes a directory, when this JVM ends for any reason, SIGKILL included.
 *
 * <p>A watchdog is a shell process that reads from a pipe, which only this JVM holds open. If the pipe closes before the
 * shell reads {@code release}, the JVM has ended.
 */
public final class Watchdog implements AutoCloseable {
    /** Each line of input is a process id. */
    private static final String KILL = """
            trap '' HUP INT TERM
            while read -r line; do
              [ "$line" = release ] && exit 0
              pids="$pids $line"
            done
            kill -s KILL $pids 2>/dev/null
            """;

    /** Retries, because other watchdogs kill the processes that write to the directory at the same time. */
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

    private Watchdog(String script, String argument) {
        try {
            pipe = new ProcessBuilder(NewSession.of(List.of("/bin/sh", "-c", script, "watchdog", argument)))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .outputWriter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Watchdog over(long pid) {
        Watchdog watchdog = new Watchdog(KILL, "");
        watchdog.alsoOver(List.of(pid));
        return watchdog;
    }

    public static Watchdog over(Path directory) {
        return new Watchdog(DELETE, directory.toAbsolutePath().toString());
    }

    void alsoOver(List<Long> pids) {
        pids.forEach(pid -> send(Long.toString(pid)));
    }

    /** Must be called after the process has ended, because its id can be reused, or after the directory is deleted. */
    @Override
    public synchronized void close() {
        if (!released) {
            released = true;
            send("release");
        }
    }

    private synchronized void send(String line) {
        try {
            pipe.write(line + "\n");
            pipe.flush();
        } catch (IOException e) {
            // The shell was released before, or something killed it.
        }
    }
}
