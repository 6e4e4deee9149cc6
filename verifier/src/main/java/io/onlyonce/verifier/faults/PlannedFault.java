package io.onlyonce.verifier.faults;

import io.onlyonce.verifier.ComponentName;

/** A fault that the run must inject at least once. */
public record PlannedFault(ComponentName component, Signal signal) {
    public enum Signal {
        /** The component is killed and restarted. */
        SIGKILL,
        /** The component is frozen for longer than every timeout of the system, replaced if possible, and continued. */
        SIGSTOP
    }

    @Override
    public String toString() {
        return signal + " of " + component.wireName();
    }
}
