package io.onlyonce.sink;

/** The tables or connectors could not be set up; the message says why, for a person. */
public final class SinkSetupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SinkSetupException(String message) {
        super(message);
    }

    SinkSetupException(String message, Throwable cause) {
        super(message, cause);
    }
}
