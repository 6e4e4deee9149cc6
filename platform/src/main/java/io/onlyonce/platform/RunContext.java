package io.onlyonce.platform;

import java.nio.file.Path;

/**
 * The environment in which components run.
 *
 * @param home the programs
 * @param directory the data, in one subdirectory per component
 * @param lifetime how long the processes run
 * @param purpose the purpose of the run
 */
public record RunContext(ProjectHome home, Path directory, Lifetime lifetime, Purpose purpose) {
    /** The purpose of a run. */
    public enum Purpose {
        NORMAL,
        /** AOT training run: creates the caches that reduce the time of later starts. */
        AOT_TRAINING
    }

    public RunContext(ProjectHome home, Path directory, Lifetime lifetime) {
        this(home, directory, lifetime, Purpose.NORMAL);
    }
}
