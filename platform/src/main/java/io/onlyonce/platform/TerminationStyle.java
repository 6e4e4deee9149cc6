package io.onlyonce.platform;

/** How a part ends. */
public enum TerminationStyle {
    /** Asked to, and given time: it commits, hands over and closes. Killed if it takes longer than its time. */
    GRACEFUL,
    /** SIGKILL: nothing of the process runs any more, no hook, no flush. What the operating system holds is kept. */
    ABRUPT
}
