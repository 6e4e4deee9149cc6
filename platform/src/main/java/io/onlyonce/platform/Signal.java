package io.onlyonce.platform;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The signals that are sent here. Java itself knows TERM and KILL only. */
enum Signal {
    TERM,
    INT,
    KILL,
    STOP,
    CONT;

    /** Processes that are gone already are none to complain about. */
    void send(Collection<Long> pids) {
        // The shell's own kill: every shell has it, not every machine has the program.
        List<String> command = new ArrayList<>(List.of(
                "/bin/sh", "-c", "signal=$1; shift; kill -s \"$signal\" \"$@\" 2>/dev/null; :", "kill", name()));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("cannot send " + this, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
