package io.onlyonce.platform;

import java.time.Duration;

/** What a part has started, with all that this has started in turn. */
interface RunningProgram {
    /** Of the host, in a container too. */
    long pid();

    /** Whether it still runs; a frozen one does. */
    boolean isAlive();

    /** Waits. @return whether it has ended */
    boolean endsWithin(Duration time);

    /**
     * Asks it to end, and kills it where it takes longer.
     *
     * @param signal the one that this program takes as the request to end
     */
    void end(Signal signal, Duration patience);

    /** SIGKILL for all of it. */
    void kill();

    void freeze();

    void thaw();
}
