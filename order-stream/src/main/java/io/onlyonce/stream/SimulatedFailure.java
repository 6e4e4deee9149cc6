package io.onlyonce.stream;

/** A failure that somebody asked for with {@code failure_rate}. */
final class SimulatedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulatedFailure(String message) {
        // Without a stack: it is thrown on purpose, in one place, and possibly often.
        super(message, null, false, false);
    }
}
