package io.onlyonce.launcher.stack;

/** A problem that the user can solve. It is printed without a stack trace, with exit code 3. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }
}
