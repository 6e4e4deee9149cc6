package io.onlyonce.model;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;

/** Reads the times of the topics. */
final class Timestamps {
    private static final int SECONDS_LENGTH = "2026-11-23T10:15:30".length();
    private static final int MAX_FRACTION_DIGITS = 9;

    private Timestamps() {}

    /**
     * Reads ISO 8601 with any offset. What {@link Instant#toString} writes goes a short way, as {@link Instant#parse}
     * alone would take a third of the time that reading an order takes (0.8 of 2.4 microseconds, measured on one core).
     *
     * @throws DateTimeException where the text is no such time
     */
    static Instant parse(String text) {
        return isUtc(text) ? utc(text) : OffsetDateTime.parse(text).toInstant();
    }

    /** Whether the text is of the form 2026-11-23T10:15:30[.123456]Z, its fields not yet looked at. */
    private static boolean isUtc(String text) {
        int last = text.length() - 1;
        return last >= SECONDS_LENGTH
                && last <= SECONDS_LENGTH + 1 + MAX_FRACTION_DIGITS
                && text.charAt(last) == 'Z'
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':'
                && (last == SECONDS_LENGTH || (text.charAt(SECONDS_LENGTH) == '.' && last > SECONDS_LENGTH + 1));
    }

    private static Instant utc(String text) {
        long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                .toEpochDay();
        int hour = below(24, number(text, 11, 13));
        int minute = below(60, number(text, 14, 16));
        int second = below(60, number(text, 17, 19));
        int nanos = 0;
        int last = text.length() - 1;
        if (last > SECONDS_LENGTH) {
            nanos = number(text, SECONDS_LENGTH + 1, last);
            for (int digits = last - SECONDS_LENGTH - 1; digits < MAX_FRACTION_DIGITS; digits++) {
                nanos *= 10;
            }
        }
        return Instant.ofEpochSecond(((day * 24 + hour) * 60 + minute) * 60 + second, nanos);
    }

    private static int below(int limit, int value) {
        if (value >= limit) {
            throw new DateTimeException(value + " is not below " + limit);
        }
        return value;
    }

    private static int number(String text, int from, int to) {
        int value = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new DateTimeException("not a digit at " + i);
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
