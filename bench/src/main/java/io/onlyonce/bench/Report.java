package io.onlyonce.bench;

/** Takes what an experiment finds while it runs. */
public interface Report {
    void result(Result result);

    /** What goes on now, for whoever waits. */
    void progress(String what);

    /** A figure that other pages are computed from, such as bytes per id. */
    void figure(String name, double value);
}
