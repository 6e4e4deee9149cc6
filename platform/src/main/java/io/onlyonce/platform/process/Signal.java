package io.onlyonce.platform.process;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The signals in use. Java itself can only send TERM and KILL. */
public enum Signal {
    TERM,
    INT,
    KILL,
    STOP,
    CONT;

    /** Signals the processes that still exist; the others are skipped. */
    void send(Collection<Long> pids) {
        // Uses the shell's built-in kill, because not every machine has the program.
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh", "-c", "signal=$1; shift; kill -s \"$signal\" \"$@\" 2>/dev/null; :", "kill", name()));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("Cannot send SIG" + this, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
