package io.onlyonce.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The limits that an order keeps, each no wider than what the narrowest part downstream can hold. */
final class Rules {
    /** Characters of an id. An id is a Kafka key and part of an index entry: both want it short. */
    static final int MAX_ID_LENGTH = 128;

    /** Characters of an item's name. */
    static final int MAX_NAME_LENGTH = 256;

    /** Items of one order: with names of full length the record stays below Kafka's 1 MiB. */
    static final int MAX_ITEMS = 500;

    /** The columns are NUMERIC(19,2). */
    static final int MONEY_SCALE = 2;

    static final int MAX_MONEY_DIGITS = 19;

    /** PostgreSQL's timestamptz reaches further; four-digit years keep ISO 8601 plain. */
    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Rules() {}

    static String id(String field, String value) {
        return text(field, value, MAX_ID_LENGTH);
    }

    static String text(String field, String value, int maxLength) {
        if (value == null) {
            throw new InvalidOrderException(field, "is missing");
        }
        if (value.isBlank()) {
            throw new InvalidOrderException(field, "is blank");
        }
        if (value.length() > maxLength) {
            throw new InvalidOrderException(field, "is longer than " + maxLength + " characters");
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            // PostgreSQL's text cannot hold U+0000, and no id or name has a use for the other control characters.
            if (Character.isISOControl(c)) {
                throw new InvalidOrderException(field, "contains a control character");
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1));
                if (!pair) {
                    throw new InvalidOrderException(field, "contains half a surrogate pair, which is no character");
                }
                i++;
            }
        }
        return value;
    }

    /** @return the amount with exactly two decimals; the value is never rounded */
    static BigDecimal money(String field, BigDecimal value) {
        if (value == null) {
            throw new InvalidOrderException(field, "is missing");
        }
        if (value.signum() < 0) {
            throw new InvalidOrderException(field, "is negative");
        }
        if (value.signum() == 0) {
            return BigDecimal.ZERO.setScale(MONEY_SCALE);
        }
        // Both before setScale, which would write out all the zeros of 1e999999999, and of 1e-300000000.
        if (value.precision() - (long) value.scale() > MAX_MONEY_DIGITS - MONEY_SCALE) {
            throw new InvalidOrderException(field, "has more than 17 digits before the decimal point");
        }
        if (value.scale() - (long) MONEY_SCALE >= value.precision()) {
            throw new InvalidOrderException(field, "has more than two decimals");
        }
        if (value.scale() == MONEY_SCALE) {
            return value;
        }
        try {
            return value.setScale(MONEY_SCALE, RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
            throw new InvalidOrderException(field, "has more than two decimals", e);
        }
    }

    /** @return the instant to the microsecond, PostgreSQL's resolution */
    static Instant instant(String field, Instant value) {
        if (value == null) {
            throw new InvalidOrderException(field, "is missing");
        }
        if (value.isBefore(EARLIEST) || value.isAfter(LATEST)) {
            throw new InvalidOrderException(field, "is not between the years 1970 and 9999");
        }
        return value.truncatedTo(ChronoUnit.MICROS);
    }
}
