package io.onlyonce.query.tables;

/** The limits of the parameters of lists. */
final class Limits {
    /** The largest number of elements of a page. */
    static final int PAGE = 1_000;

    /** PostgreSQL reads all rows that it skips. */
    static final int OFFSET = 1_000_000;

    /** A page ends with the first element that exceeds this size, as JSON text. */
    static final int BYTES = 1024 * 1024;

    private Limits() {}

    /** @throws IllegalArgumentException with a text for the client */
    static void requirePage(int limit, int offset) {
        requireBetween("limit", limit, 1, PAGE);
        requireBetween("offset", offset, 0, OFFSET);
    }

    private static void requireBetween(String parameter, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s must be between %d and %d, but was %d".formatted(parameter, min, max, value));
        }
    }
}
