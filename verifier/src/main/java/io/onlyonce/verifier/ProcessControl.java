package io.onlyonce.verifier;

import java.util.Set;

/**
 * Sends signals to the processes of the system under test. One thread calls it, and injects one fault at a time. If a
 * method throws, for example because a process is not running, the run ends and reports the fault that failed.
 */
public interface ProcessControl {
    /** Returns the components that stopped without a fault from the verifier. */
    default Set<ComponentName> ended() {
        return Set.of();
    }

    /** Sends SIGKILL. Returns after the process has exited. */
    void kill9(ComponentName component);

    /** Starts a killed component. Returns when it is ready. */
    void start(ComponentName component);

    /** Sends SIGSTOP. The process keeps its connections and its state. */
    void freeze(ComponentName component);

    /**
     * Starts a second process with the identity of the frozen one, in the same way as a supervisor that considers the
     * frozen process dead.
     *
     * @return false if the component cannot be replaced; no process was started
     */
    default boolean replace(ComponentName component) {
        return false;
    }

    /** Sends SIGCONT. If the process was replaced, it is now a zombie that must be fenced. */
    void thaw(ComponentName component);

    /** Kills the zombie some seconds after it was thawed. The replacement continues to run as the component. */
    default void killZombie(ComponentName component) {}
}
