package io.onlyonce.platform;

import java.nio.file.Path;

/** The environment in which components run. Each component has a subdirectory of the directory for its data. */
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
