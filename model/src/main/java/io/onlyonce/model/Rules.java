package io.onlyonce.model;

import static java.time.ZoneOffset.UTC;

import io.onlyonce.model.time.Timestamps;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Checks of field values. The public methods check what PostgreSQL can store; the others check the limits of an order.
 * All methods throw {@link InvalidOrderException} unless stated otherwise.
 */
public final class Rules {
    /** The maximum number of characters of an ID, which is a Kafka key and part of an index entry. */
    public static final int MAX_ID_LENGTH = 128;

    public static final int MAX_NAME_LENGTH = 256;
    /** With item names of maximum length, the record is smaller than Kafka's limit of 1 MiB. */
    public static final int MAX_ITEMS = 500;

    /** The columns are NUMERIC(19,2). */
    private static final int MONEY_PRECISION = 19;

    public static final int MONEY_SCALE = 2;

    public static final BigDecimal MAX_MONEY =
            BigDecimal.TEN.pow(MONEY_PRECISION).subtract(BigDecimal.ONE).movePointLeft(MONEY_SCALE);

    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
    /** With a year of four digits, every time has the same ISO 8601 format. */
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

    private Rules() {}

    static void printable(String field, String value, int maxLength) {
        if (required(field, value).isBlank()) {
            throw new InvalidOrderException(field, "is blank");
        }
        text(field, value, maxLength);
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new InvalidOrderException(field, "contains a control character");
            }
        }
    }

    /** @return the text, if PostgreSQL can store it */
    public static String text(String field, String value, int maxLength) {
        // A character outside of the basic multilingual plane has two chars.
        if (value.length() > maxLength && value.codePointCount(0, value.length()) > maxLength) {
            throw new InvalidOrderException(field, "is longer than " + maxLength + " characters");
        }
        int c;
        for (int i = 0; i < value.length(); i += Character.charCount(c)) {
            c = value.codePointAt(i);
            if (c == 0) {
                throw new InvalidOrderException(field, "contains the control character U+0000");
            }
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new InvalidOrderException(field, "contains an unpaired surrogate");
            }
        }
        return value;
    }

    static <T> List<T> notEmpty(String field, List<T> list) {
        if (required(field, list).isEmpty()) {
            throw new InvalidOrderException(field, "is empty");
        }
        return list;
    }

    static void atMost(int limit, String field, int size) {
        if (size > limit) {
            throw new InvalidOrderException(field, "has more than " + limit + " entries");
        }
    }

    /** @return the amount with exactly two decimals, not rounded */
    static BigDecimal money(String field, BigDecimal value) {
        if (required(field, value).signum() < 0) {
            throw new InvalidOrderException(field, "is negative");
        }
        return decimal(field, value, MONEY_PRECISION, MONEY_SCALE);
    }

    /** @return the same number with the given scale, not rounded, if a column NUMERIC(precision, scale) can store it */
    public static BigDecimal decimal(String field, BigDecimal value, int precision, int scale) {
        if (value.signum() == 0) {
            return BigDecimal.ZERO.setScale(scale);
        }
        // These checks come before setScale, which would write all zeros of 1e999999999 and of 1e-300000000.
        if (value.precision() - (long) value.scale() > precision - scale) {
            throw new InvalidOrderException(
                    field, "has more than " + (precision - scale) + " digits before the decimal point");
        }
        if (value.scale() > scale && value.stripTrailingZeros().scale() > scale) {
            throw new InvalidOrderException(field, "has more than " + scale + " decimals");
        }
        return value.setScale(scale);
    }

    /** @return the time truncated to microseconds, the resolution of PostgreSQL */
    static Instant instant(String field, Instant value) {
        return between(EARLIEST, LATEST, field, required(field, value)).truncatedTo(ChronoUnit.MICROS);
    }

    public static Instant between(Instant earliest, Instant latest, String field, Instant value) {
        if (value.isBefore(earliest) || value.isAfter(latest)) {
            int first = earliest.atZone(UTC).getYear();
            int last = latest.atZone(UTC).getYear();
            throw new InvalidOrderException(field, "is not between the years " + first + " and " + last);
        }
        return value;
    }

    /** @param text ISO 8601 with an offset */
    public static Instant instant(String field, String text) {
        try {
            return Timestamps.parse(text);
        } catch (DateTimeException e) {
            throw new InvalidOrderException(field, "is not a time in ISO 8601 with an offset", e);
        }
    }

    static <T> T required(String field, T value) {
        if (value == null) {
            throw new InvalidOrderException(field, "is missing");
        }
        return value;
    }

    /** @throws IllegalArgumentException if no constant has this name */
    static <E> E constant(String field, String name, E[] constants, Function<E, String> names) {
        List<String> known = Arrays.stream(constants).map(names).toList();
        if (!known.contains(name)) {
            throw new IllegalArgumentException(
                    "%s must be one of %s, but was \"%s\"".formatted(field, String.join(", ", known), name));
        }
        return constants[known.indexOf(name)];
    }
}
