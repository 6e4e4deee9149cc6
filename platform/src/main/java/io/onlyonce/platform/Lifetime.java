package io.onlyonce.platform;

/** How long a component runs. */
public enum Lifetime {
    /** The component is killed when the JVM that started it ends for any reason, SIGKILL included. */
    WITH_THIS_JVM,
    /** The component runs until a {@link Component} with the same directory stops it. */
    DETACHED
}
