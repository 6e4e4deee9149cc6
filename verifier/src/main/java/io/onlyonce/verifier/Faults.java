package io.onlyonce.verifier;

import java.util.EnumSet;
import java.util.Set;

/**
 * What can be done to the system's processes. Calls come from one thread, one fault at a time.
 *
 * <p>Each may throw; the run then ends and says what could not be done.
 */
public interface Faults {
    /** The parts that should run and do not. Whoever has killed one starts it again: these have ended by themselves. */
    default Set<ComponentName> ended() {
        return EnumSet.noneOf(ComponentName.class);
    }

    /** SIGKILL; returns when the process is gone. One that runs no more cannot be killed, and throws. */
    void kill9(ComponentName part);

    /** Starts a killed part; returns when it serves. */
    void start(ComponentName part);

    /** SIGSTOP, likewise; the process keeps its connections and its memory of who it was. */
    void freeze(ComponentName part);

    /**
     * Starts a second process with the identity of the frozen one, as a supervisor that takes it for dead would.
     *
     * @return false where the part cannot have one; nothing was started then
     */
    default boolean replace(ComponentName part) {
        return false;
    }

    /** SIGCONT; the process goes on as if no time had passed: a zombie, where the system has moved on without it. */
    void thaw(ComponentName part);

    /**
     * After a replacement: ends what is left of the zombie, some seconds after it was thawed. The replacement stays as
     * the part.
     */
    default void bury(ComponentName part) {}

    /** For a run without faults. */
    Faults NONE = new Faults() {
        @Override
        public void kill9(ComponentName part) {
            throw new UnsupportedOperationException("no faults were asked for");
        }

        @Override
        public void start(ComponentName part) {
            throw new UnsupportedOperationException("no faults were asked for");
        }

        @Override
        public void freeze(ComponentName part) {
            throw new UnsupportedOperationException("no faults were asked for");
        }

        @Override
        public void thaw(ComponentName part) {
            throw new UnsupportedOperationException("no faults were asked for");
        }
    };
}
