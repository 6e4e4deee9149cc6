package io.onlyonce.model.time;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Parses the timestamps in records. */
public final class Timestamps {
    private static final int SECONDS_LENGTH = "2026-11-23T10:15:30".length();
    private static final int MAX_FRACTION_DIGITS = 9;

    private Timestamps() {}

    /**
     * Parses ISO 8601 with any offset. The format of {@link Instant#toString} has its own parser, because {@link
     * OffsetDateTime#parse} takes 1.0 microsecond, as long as the rest of an order (measured on one core).
     *
     * @throws DateTimeException if the text is not a time in this format
     */
    public static Instant parse(String text) {
        int last = text.length() - 1;
        if (!isUtc(text, last)) {
            return OffsetDateTime.parse(text).toInstant();
        }
        int nanos = last == SECONDS_LENGTH ? 0 : number(text, SECONDS_LENGTH + 1, last);
        for (int digits = last - SECONDS_LENGTH - 1; digits < MAX_FRACTION_DIGITS; digits++) {
            nanos *= 10;
        }
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19),
                        nanos)
                .toInstant(ZoneOffset.UTC);
    }

    /** Returns whether the text has the format 2026-11-23T10:15:30[.123456]Z; does not check the digits. */
    private static boolean isUtc(String text, int last) {
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
