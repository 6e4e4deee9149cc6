package io.onlyonce.platform;

import java.nio.file.Path;

/**
 * One of the system's parts, run as an operating-system process of its own.
 *
 * <p>All that must outlive the process is in the part's directory: after any stop, {@link #start()} carries on with the
 * same data on the same port.
 */
public interface Component extends AutoCloseable {
    /** As the compose service is called: kafka, connect, postgres, producer, consumer, api. */
    String name();

    /**
     * Returns when the part is ready to serve; at once where it runs already.
     *
     * @throws ComponentFailedException with the end of its log, where it ended by itself or was not ready in time
     */
    void start();

    /** @throws IllegalStateException where the part does not run */
    long pid();

    /** Whether there is a process; a frozen one counts. */
    boolean isAlive();

    /** What the process has written to its standard output and error, in all its lives. */
    Path log();

    /** Returns when the process and those it has started are gone; at once where there is none. May interrupt a start. */
    void stop(TerminationStyle style);

    /** Stops it for good: returns when nothing of it runs or is being set up, and no start succeeds any more. */
    void end(TerminationStyle style);

    /** SIGSTOP: the process lives, holds its connections and does nothing. What a long pause looks like to the others. */
    void freeze();

    /** SIGCONT: goes on as if no time had passed. */
    void thaw();

    /** Stops gracefully. */
    @Override
    void close();
}
