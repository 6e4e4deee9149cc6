package io.onlyonce.platform.process;

import java.io.IOException;
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
    /**
     * Each line of input is a process id; the argument is the directory. Retries the deletion, because other watchdogs kill
     * the processes that write to the directory at the same time.
     */
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            while read -r line; do
              [ "$line" = release ] && exit 0
              pids="$pids $line"
            done
            [ -z "$pids" ] || kill -s KILL $pids 2>/dev/null
            for attempt in 1 2 3 4 5 6 7 8 9 10; do
              [ -e "$1" ] || exit 0
              rm -rf "$1"
              sleep 1
            done
            """;

    private final Writer pipe;
    private boolean released;

    private Watchdog(String directory) throws IOException {
        pipe = ChildProcess.inNewSession(List.of("/bin/sh", "-c", SCRIPT, "watchdog", directory))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start()
                .outputWriter();
    }

    public static Watchdog over(long pid) throws IOException {
        Watchdog watchdog = new Watchdog("");
        watchdog.alsoOver(List.of(pid));
        return watchdog;
    }

    public static Watchdog over(Path directory) throws IOException {
        return new Watchdog(directory.toAbsolutePath().toString());
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
