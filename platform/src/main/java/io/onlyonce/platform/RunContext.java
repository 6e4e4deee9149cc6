package io.onlyonce.platform;

import java.nio.file.Path;

/**
 * Where, for how long and to what end parts run.
 *
 * @param home the programs
 * @param directory the data, a folder in it for each part
 * @param lifetime of the processes
 * @param purpose of the run
 */
public record RunContext(ProjectHome home, Path directory, Lifetime lifetime, Purpose purpose) {
    /** What a run is for. */
    public enum Purpose {
        WORK,
        /** To make the caches with which later starts are faster. */
        REHEARSAL
    }

    public RunContext(ProjectHome home, Path directory, Lifetime lifetime) {
        this(home, directory, lifetime, Purpose.WORK);
    }
}
