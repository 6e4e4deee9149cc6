package io.onlyonce.verifier;

/** What is done to a part. */
sealed interface Fault {
    ComponentName part();

    /** SIGKILL, and started again. */
    record Kill(ComponentName part) implements Fault {
        @Override
        public String toString() {
            return "kill -9 of " + part.wireName();
        }
    }

    /** SIGSTOP for longer than any time-out of the system, replaced meanwhile where that can be done, and SIGCONT. */
    record Freeze(ComponentName part) implements Fault {
        @Override
        public String toString() {
            return "freeze of " + part.wireName();
        }
    }
}
