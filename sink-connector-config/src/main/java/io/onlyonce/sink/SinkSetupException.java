package io.onlyonce.sink;

/** The tables or the connectors cannot be set up; the message states the reason. */
public final class SinkSetupException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SinkSetupException(String message, Throwable cause) {
        super(message, cause);
    }
}
