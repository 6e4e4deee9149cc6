package io.onlyonce.stream.runtime;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** The ways in which this process ends itself, with their exit codes. */
public enum ProcessEnd {
    /** A simulated crash, with the exit code that a shell shows after {@code kill -9}. */
    CRASH(137),
    /** Another process has taken over this INSTANCE_ID. */
    FENCED(3),
    /** A fatal JVM error, such as an OutOfMemoryError. */
    JVM_ERROR(4);

    private final int exitCode;

    ProcessEnd(int exitCode) {
        this.exitCode = exitCode;
    }

    /**
     * Must be called after logging is set up. With an ahead-of-time processed application context, Spring Boot does not
     * start Logback's context. Stopping a context that was not started does not write the queued log lines.
     */
    public static void prepare() {
        logging().start();
    }

    /** Writes the queued log lines and halts the JVM without shutdown hooks: nothing is committed or closed. */
    public void now() {
        logging().stop();
        Runtime.getRuntime().halt(exitCode);
    }

    private static LoggerContext logging() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }
}
