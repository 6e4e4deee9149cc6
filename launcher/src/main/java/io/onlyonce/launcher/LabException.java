package io.onlyonce.launcher;

/** Something that stands in the way and that the user can mend: shown without a stack trace, exit code 3. */
final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LabException(String message) {
        super(message);
    }

    LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
