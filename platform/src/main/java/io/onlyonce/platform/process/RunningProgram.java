package io.onlyonce.platform.process;

import io.onlyonce.model.time.Deadline;
import java.time.Duration;

/** A program that was started, together with all of its descendant processes. */
public interface RunningProgram {
    Duration POLL_INTERVAL = Duration.ofMillis(10);

    /** The process id on the host, also if the program runs in a container. */
    long pid();

    /** A frozen program is alive. */
    boolean isAlive();

    /** Waits until the program ends. @return false after the timeout, or if the thread is interrupted */
    default boolean endsWithin(Duration timeout) {
        try {
            return Deadline.in(timeout).await(POLL_INTERVAL, () -> !isAlive());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sends the signal that requests a clean shutdown, and kills the program if it takes longer than the timeout. */
    void terminate(Signal signal, Duration timeout);

    /** Sends SIGKILL to all processes of the program. */
    void kill();

    void freeze();

    void thaw();
}
