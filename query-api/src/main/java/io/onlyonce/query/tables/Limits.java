package io.onlyonce.query.tables;

/** The limits of the parameters of lists. */
final class Limits {
    /** The largest number of elements of a page. */
    static final int PAGE = 1_000;

    /** The largest offset. It is limited because PostgreSQL reads all skipped rows. */
    static final int OFFSET = 1_000_000;

    /** Size of the JSON text of a page, in bytes. The element that reaches this size is the last one of the page. */
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
