package io.onlyonce.platform;

/** How a component is stopped. */
public enum TerminationStyle {
    /** Clean shutdown: the component commits, hands over and closes. It is killed after a timeout. */
    GRACEFUL,
    /** SIGKILL: no shutdown hook runs, and nothing is flushed. Data in the page cache of the kernel is kept. */
    ABRUPT
}
