package io.onlyonce.verifier;

/** Receives the progress of a run. Several threads may call it. */
public interface Progress {
    Progress SILENT = new Progress() {};

    /** A new phase starts, for example "Reading topics and tables". */
    default void phase(String name) {}

    /**
     * The phase advanced. Called a few times per second.
     *
     * @param total 0 if the total is not known
     */
    default void step(long done, long total, String detail) {}

    /** An event that stays on the screen, for example a kill. */
    default void note(String line) {}
}
