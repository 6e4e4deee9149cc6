package io.onlyonce.platform.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A program that was started, together with all of its descendant processes. */
public interface RunningProgram {
    Duration POLL_INTERVAL = Duration.ofMillis(10);

    /** The process id on the host, also if the program runs in a container. */
    long pid();

    /** Whether the program is running. A frozen program is alive. */
    boolean isAlive();

    /** Waits until the program ends. @return false after the timeout, or if the thread is interrupted */
    default boolean endsWithin(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (isAlive()) {
            if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                return false;
            }
            LockSupport.parkNanos(Math.min(POLL_INTERVAL.toNanos(), timeout.toNanos()));
        }
        return true;
    }

    /** Sends the signal that requests a clean shutdown, and kills the program if it takes longer than the timeout. */
    void terminate(Signal signal, Duration timeout);

    /** Sends SIGKILL to all processes of the program. */
    void kill();

    void freeze();

    void thaw();
}
