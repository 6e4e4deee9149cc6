package io.onlyonce.sink.connect;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Makes a record's value a row that PostgreSQL stores exactly as it stands, or refuses it.
 *
 * <p>What is refused goes to the connector's dead letter topic, and the partition goes on. What PostgreSQL would refuse
 * itself fails the whole batch, again after every restart, and the partition would stand still: hence everything that a
 * value alone can do wrong is looked for here.
 *
 * <p>Lists and objects become JSON text for a column of type JSONB. Headers are left behind: the connector would make a
 * schema of their names, and fail where a name comes twice.
 */
public final class PostgresRow<R extends ConnectRecord<R>> implements Transformation<R> {
    private static final String TIMESTAMP = "io.debezium.time.ZonedTimestamp";

    /** The name and the parameter by which the JDBC connector knows JSONB. */
    private static final Schema JSONB = SchemaBuilder.string()
            .name("io.debezium.data.Json")
            .parameter("__debezium.source.column.type", "JSONB")
            .build();

    private static final String PRECISION = "connect.decimal.precision";

    /** A text column may be part of an index, whose entries hold 2,704 bytes; a character takes up to three. */
    private static final int MAX_TEXT_LENGTH = 512;

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final JsonConverter json = new JsonConverter();

    // The converter hands out one schema object for all records.
    private Schema valueSchema;
    private Schema rowSchema;

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public void configure(Map<String, ?> configs) {
        json.configure(Map.of("converter.type", "value", "schemas.enable", "false", "decimal.format", "NUMERIC"));
    }

    @Override
    public void close() {
        json.close();
    }

    /** @throws DataException where the value is not an object that a row can hold */
    @Override
    public R apply(R record) {
        if (!(record.value() instanceof Struct value)) {
            throw new DataException("the value is not an object");
        }
        Struct row = row(value);
        return record.newRecord(
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                row.schema(),
                row,
                record.timestamp(),
                new ConnectHeaders());
    }

    private Struct row(Struct value) {
        if (value.schema() != valueSchema) {
            valueSchema = value.schema();
            rowSchema = rowSchema(valueSchema);
        }
        Struct row = new Struct(rowSchema);
        for (Field field : valueSchema.fields()) {
            Field column = rowSchema.fields().get(field.index());
            row.put(column, column(field, value.get(field)));
        }
        return row;
    }

    private static Schema rowSchema(Schema valueSchema) {
        SchemaBuilder schema = SchemaBuilder.struct().name(valueSchema.name());
        for (Field field : valueSchema.fields()) {
            schema.field(field.name(), isNested(field) ? JSONB : field.schema());
        }
        return schema.build();
    }

    private static boolean isNested(Field field) {
        return switch (field.schema().type()) {
            case ARRAY, MAP, STRUCT -> true;
            default -> false;
        };
    }

    private Object column(Field field, Object value) {
        Object storable = storable(field.name(), field.schema(), value);
        if (isNested(field)) {
            return new String(json.fromConnectData(null, field.schema(), storable), StandardCharsets.UTF_8);
        }
        if (storable instanceof String text && text.length() > MAX_TEXT_LENGTH) {
            throw new DataException(field.name() + " is longer than " + MAX_TEXT_LENGTH + " characters");
        }
        return storable;
    }

    private static Object storable(String name, Schema schema, Object value) {
        return switch (value) {
            case String text when TIMESTAMP.equals(schema.name()) -> timestamp(name, text);
            case String text -> text(name, text);
            case BigDecimal decimal -> decimal(name, schema, decimal);
            case List<?> list ->
                list.stream()
                        .map(element -> storable(name, schema.valueSchema(), element))
                        .toList();
            case Struct struct -> struct(name, struct);
            case Integer number -> number;
            case Long number -> number;
            case null -> null;
            default -> throw new DataException(name + " is of a type that no column here has: " + value.getClass());
        };
    }

    private static Struct struct(String name, Struct struct) {
        for (Field field : struct.schema().fields()) {
            struct.put(field, storable(name + "." + field.name(), field.schema(), struct.get(field)));
        }
        return struct;
    }

    private static String text(String name, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new DataException(name + " contains U+0000");
            }
            if (Character.isSurrogate(c)) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                    throw new DataException(name + " contains half a surrogate pair, which is no character");
                }
                i++;
            }
        }
        return text;
    }

    /** @return the same number with the scale of its column; never rounded */
    private static BigDecimal decimal(String name, Schema schema, BigDecimal value) {
        int scale = Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD));
        int precision = Integer.parseInt(schema.parameters().get(PRECISION));
        if (value.signum() == 0) {
            return BigDecimal.ZERO.setScale(scale);
        }
        // Both before setScale, which would write out all the zeros of 1e999999999, and of 1e-300000000.
        if (value.precision() - (long) value.scale() > precision - scale) {
            throw new DataException(
                    name + " has more than " + (precision - scale) + " digits before the decimal point");
        }
        if (value.scale() - (long) scale >= value.precision()) {
            throw new DataException(name + " has more than " + scale + " decimals");
        }
        try {
            return value.setScale(scale, RoundingMode.UNNECESSARY);
        } catch (ArithmeticException e) {
            throw new DataException(name + " has more than " + scale + " decimals", e);
        }
    }

    /** @return the same instant in UTC: the connector's statement takes a time without looking at its offset */
    private static String timestamp(String name, String text) {
        Instant instant;
        try {
            instant = OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new DataException(name + " is not a time in ISO 8601 with an offset", e);
        }
        if (instant.isBefore(EARLIEST) || instant.isAfter(LATEST)) {
            throw new DataException(name + " is not between the years 1 and 9999");
        }
        if (!instant.equals(instant.truncatedTo(ChronoUnit.MICROS))) {
            throw new DataException(name + " is finer than a microsecond");
        }
        return instant.toString();
    }
}
