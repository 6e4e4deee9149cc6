package io.onlyonce.query.parts;

/** Nobody listens where a part should: its process is gone. A part that listens and is silent is something else. */
public final class NotRunningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotRunningException(Part part, Throwable cause) {
        super(part + " is not running", cause);
    }
}
