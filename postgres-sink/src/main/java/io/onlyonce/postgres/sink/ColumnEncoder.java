package io.onlyonce.postgres.sink;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * Converts the values of one column to the text format of COPY.
 *
 * <p>Rejects a value that the column cannot hold exactly. Without this check, PostgreSQL would round a decimal to the
 * scale of its column and a time to microseconds, and the driver would replace an unpaired surrogate with a question
 * mark.
 */
final class ColumnEncoder {
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");
    private static final Pattern TIMESTAMP = Pattern.compile("timestamp(?:\\((\\d)\\))? with(?:out)? time zone");
    /**
     * Matches a time in UTC up to its seconds, in the format of {@link Instant#toString}. Such a time needs no conversion. The
     * conversion of times took 28 % of the task's processor time, and this check needs a quarter of it. February 29 does not
     * match, because most years do not have it.
     */
    private static final String UTC_TO_THE_SECOND = "(?!0000)\\d{4}-"
            + "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
            + "T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d";

    private static final int MICROS = 6;
    private static final int NANO_DIGITS = 9;
    private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(-?\\d+)\\)");
    /** Maximum number of digits before the decimal point in a numeric column without precision. */
    private static final int MAX_INTEGER_DIGITS = 131_072;
    /** Maximum number of digits after the decimal point in a numeric column without precision. */
    private static final int MAX_FRACTION_DIGITS = 16_383;
    /** The number of digits of the largest bigint. */
    private static final int MAX_BIGINT_DIGITS = 19;

    private interface Conversion {
        /** Returns the text form of a non-null value. */
        String text(Object value);
    }

    private final String column;
    private final boolean nullable;
    private final Conversion conversion;

    /** @param type type of the column as format_type() returns it, for example numeric(19,2) */
    ColumnEncoder(String column, String type, boolean nullable) {
        this.column = column;
        this.nullable = nullable;
        this.conversion = conversion(type);
    }

    /**
     * Appends the value to a row.
     *
     * @throws DataException if the column cannot hold the value exactly
     */
    void append(Object value, StringBuilder row) {
        if (value == null) {
            if (!nullable) {
                throw new DataException("column " + column + " must not be null");
            }
            row.append("\\N");
            return;
        }
        escape(conversion.text(value), row);
    }

    private Conversion conversion(String type) {
        Matcher numeric = NUMERIC.matcher(type);
        if (numeric.matches()) {
            int precision = Integer.parseInt(numeric.group(1));
            int scale = Integer.parseInt(numeric.group(2));
            return value -> decimal(value, precision - scale, scale);
        }
        Matcher timestamp = TIMESTAMP.matcher(type);
        if (timestamp.matches()) {
            int digits = timestamp.group(1) == null ? MICROS : Integer.parseInt(timestamp.group(1));
            Pattern utc = Pattern.compile(UTC_TO_THE_SECOND + (digits > 0 ? "(?:\\.\\d{1," + digits + "})?Z" : "Z"));
            return value -> timestamp(value, digits, utc);
        }
        return switch (type) {
            case "smallint" -> value -> integer(value, Short.MIN_VALUE, Short.MAX_VALUE);
            case "integer" -> value -> integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case "bigint" -> value -> integer(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case "numeric" -> value -> decimal(value, MAX_INTEGER_DIGITS, MAX_FRACTION_DIGITS);
            case "date" -> this::date;
            case "json", "jsonb" -> Json::text;
            case "bytea" -> value -> bytes(value);
            default -> this::plain;
        };
    }

    private String integer(Object value, long min, long max) {
        if (value instanceof Long && (Long) value >= min && (Long) value <= max) {
            return value.toString();
        }
        BigDecimal decimal = number(value).stripTrailingZeros();
        if (decimal.scale() > 0) {
            throw new DataException("column " + column + " holds whole numbers, but the value has a fraction");
        }
        // A number such as 1e1000000000 is short as a decimal, but would need gigabytes as an integer.
        boolean isTooLarge = (long) decimal.precision() - decimal.scale() > MAX_BIGINT_DIGITS;
        BigInteger number = isTooLarge ? BigInteger.TEN.pow(MAX_BIGINT_DIGITS) : decimal.toBigInteger();
        if (number.compareTo(BigInteger.valueOf(min)) < 0 || number.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new DataException("column " + column + " must be between " + min + " and " + max);
        }
        return number.toString();
    }

    private String decimal(Object value, int maxIntegerDigits, int maxFractionDigits) {
        BigDecimal number = number(value).stripTrailingZeros();
        if (number.signum() == 0) {
            return "0";
        }
        if (number.scale() > maxFractionDigits) {
            throw new DataException("column %s holds %d decimals, but the value has %d"
                    .formatted(column, maxFractionDigits, number.scale()));
        }
        if ((long) number.precision() - number.scale() > maxIntegerDigits) {
            throw new DataException("column %s holds %d digits before the decimal point, but the value has %d"
                    .formatted(column, maxIntegerDigits, (long) number.precision() - number.scale()));
        }
        // PostgreSQL accepts an exponent, which is shorter than many zeros.
        return number.toString();
    }

    private BigDecimal number(Object value) {
        if (value instanceof BigDecimal) {
            return (BigDecimal) value;
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return BigDecimal.valueOf(((Number) value).longValue());
        }
        if (value instanceof BigInteger) {
            return new BigDecimal((BigInteger) value);
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            if (Double.isNaN(number) || Double.isInfinite(number)) {
                throw new DataException("column " + column + " cannot hold " + value);
            }
            return new BigDecimal(value.toString());
        }
        throw mismatch("a number", value);
    }

    private String timestamp(Object value, int maxFractionDigits, Pattern utc) {
        if (value instanceof String && utc.matcher((String) value).matches()) {
            return (String) value;
        }
        Instant instant;
        if (value instanceof Date) {
            instant = ((Date) value).toInstant();
        } else if (value instanceof String) {
            try {
                instant = OffsetDateTime.parse((String) value).toInstant();
            } catch (DateTimeException e) {
                throw new DataException("column " + column + " must be an ISO 8601 time with an offset");
            }
        } else {
            throw mismatch("a time", value);
        }
        if (instant.getNano() % (int) Math.pow(10, NANO_DIGITS - maxFractionDigits) != 0) {
            throw new DataException("column %s holds %d decimals of a second, but the value has more"
                    .formatted(column, maxFractionDigits));
        }
        if (instant.isBefore(EARLIEST) || instant.isAfter(LATEST)) {
            throw new DataException("column " + column + " must be between " + EARLIEST + " and " + LATEST);
        }
        return instant.toString();
    }

    private String date(Object value) {
        return value instanceof Date
                ? ((Date) value)
                        .toInstant()
                        .atOffset(ZoneOffset.UTC)
                        .toLocalDate()
                        .toString()
                : plain(value);
    }

    private String bytes(Object value) {
        if (value instanceof ByteBuffer) {
            ByteBuffer buffer = ((ByteBuffer) value).duplicate();
            byte[] content = new byte[buffer.remaining()];
            buffer.get(content);
            return "\\x" + HexFormat.of().formatHex(content);
        }
        if (value instanceof byte[]) {
            return "\\x" + HexFormat.of().formatHex((byte[]) value);
        }
        throw mismatch("bytes", value);
    }

    private String plain(Object value) {
        if (value instanceof String) {
            return (String) value;
        }
        if (value instanceof Struct || value instanceof Map || value instanceof List) {
            return Json.text(value);
        }
        if (value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        throw mismatch("text, a number or a boolean", value);
    }

    private DataException mismatch(String expected, Object value) {
        return new DataException("column %s needs %s, but the value is %s"
                .formatted(column, expected, value.getClass().getSimpleName()));
    }

    /**
     * Escapes the text for COPY. Appends the characters between two escaped characters in one call, because one call for each
     * character took 15 % of the task's processor time.
     */
    private void escape(String text, StringBuilder row) {
        int appended = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    throw new DataException("column " + column + " contains an unpaired surrogate");
                }
                i++;
                continue;
            }
            String escaped = switch (c) {
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\r' -> "\\r";
                case '\t' -> "\\t";
                case 0 -> throw new DataException("column " + column + " contains U+0000");
                default -> null;
            };
            if (escaped != null) {
                row.append(text, appended, i).append(escaped);
                appended = i + 1;
            }
        }
        row.append(text, appended, text.length());
    }
}
