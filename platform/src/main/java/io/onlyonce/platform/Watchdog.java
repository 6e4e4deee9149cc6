package io.onlyonce.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;

/**
 * Kills a process when this JVM ends, however it ends.
 *
 * <p>A small shell that reads a pipe held open by this JVM alone. It reads process ids until it reads `release`; where the
 * pipe closes before that, whoever held it is gone.
 */
final class Watchdog implements AutoCloseable {
    private static final String SCRIPT = """
            trap '' HUP INT TERM
            while read -r line; do
              [ "$line" = release ] && exit 0
              pids="$pids $line"
            done
            kill -s KILL $pids 2>/dev/null
            """;

    private final Writer pipe;
    private boolean released;

    private Watchdog(Writer pipe) {
        this.pipe = pipe;
    }

    static Watchdog over(long pid) {
        try {
            Process shell = new ProcessBuilder(OwnSession.of(List.of("/bin/sh", "-c", SCRIPT)))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Watchdog watchdog = new Watchdog(shell.outputWriter());
            watchdog.alsoOver(List.of(pid));
            return watchdog;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void alsoOver(List<Long> pids) {
        pids.forEach(pid -> say(Long.toString(pid)));
    }

    /** To be called when the process has ended: its id may be given to another. */
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
