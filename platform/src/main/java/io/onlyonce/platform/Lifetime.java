package io.onlyonce.platform;

/** Whose end is also the end of a part. */
public enum Lifetime {
    /** Killed when the JVM that started it ends, by whatever means: SIGKILL leaves nothing behind either. */
    WITH_THIS_JVM,
    /** Goes on without it, until a {@link Component} on the same directory stops it. */
    DETACHED
}
