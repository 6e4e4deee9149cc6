package io.onlyonce.bench;

/** Starts what it needs, measures, and leaves nothing behind, also when it fails. */
public interface Experiment {
    /** As {@code --only} calls it. */
    String name();

    void run(Scale scale, Report report) throws Exception;
}
