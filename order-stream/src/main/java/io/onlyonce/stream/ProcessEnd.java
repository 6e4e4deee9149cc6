package io.onlyonce.stream;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** How this process ends when it does not end by SIGTERM. The number is the exit code. */
enum ProcessEnd {
    /** What a shell shows after kill -9; a simulated crash is meant to be nothing less. */
    CRASH(137),
    /** Another process has taken over this one's INSTANCE_ID. */
    FENCED(3),
    /** The JVM is out of memory or otherwise beyond repair. */
    BROKEN(4);

    private final int exitCode;

    ProcessEnd(int exitCode) {
        this.exitCode = exitCode;
    }

    /**
     * To be called once logging is set up. Spring Boot leaves Logback's context unstarted where it was worked out at build
     * time, and to stop it, here or in Boot's own shutdown hook, would then do nothing: what waits would not be written.
     */
    static void prepare() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.start();
        }
    }

    /** Does not return, and runs no shutdown hook: nothing is committed any more, nothing is closed. */
    void now() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            // The log is written by another thread; the line that says why must not be lost.
            context.stop();
        }
        Runtime.getRuntime().halt(exitCode);
    }
}
