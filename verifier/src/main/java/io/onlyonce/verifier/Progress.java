package io.onlyonce.verifier;

/** What a run tells while it goes on. Calls may come from several threads. */
public interface Progress {
    /** A new phase has begun, for example "Load". */
    void phase(String name);

    /**
     * How far the phase is; called a few times a second.
     *
     * @param total 0 where it is not known
     */
    void step(long done, long total, String detail);

    /** Something to keep on the screen, for example a kill. */
    void note(String line);

    Progress SILENT = new Progress() {
        @Override
        public void phase(String name) {}

        @Override
        public void step(long done, long total, String detail) {}

        @Override
        public void note(String line) {}
    };
}
