package io.onlyonce.query;

/** Checks the numbers in requests, and contains the limits of the lists of rows. */
public final class Limits {
    /** The largest number of elements of a page. */
    public static final int PAGE = 1_000;

    /** The largest offset. It is limited because PostgreSQL reads all skipped rows. */
    public static final int OFFSET = 1_000_000;

    /** Size of the JSON text of a page, in bytes. The element that reaches this size is the last one of the page. */
    public static final int BYTES = 1024 * 1024;

    private Limits() {}

    /** @throws IllegalArgumentException with a text for the client */
    public static void requirePage(int limit, int offset) {
        requireBetween("limit", limit, 1, PAGE);
        requireBetween("offset", offset, 0, OFFSET);
    }

    /** @throws IllegalArgumentException with a text for the client */
    public static void requireBetween(String parameter, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s must be between %d and %d, but was %d".formatted(parameter, min, max, value));
        }
    }
}
