package io.onlyonce.stream.runtime;

/** Thrown if the topology is not running, or not in time. The message is the detail of a 503 response. */
public final class NotRunningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NotRunningException(String message) {
        super(message);
    }
}
