package io.onlyonce.sink.connect;

import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Rules;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
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
 * Converts a record's value to a row that PostgreSQL stores exactly, or rejects the record.
 *
 * <p>A rejected record goes to the dead-letter topic of the connector, and the partition continues. A record that
 * PostgreSQL rejects would fail the complete batch after every restart and block the partition. Therefore, this
 * transformation checks everything that can be wrong with a value.
 *
 * <p>Lists and objects become JSON text for a column of type JSONB. Headers are removed, because the connector would derive
 * a schema from their names and fail if a name is repeated.
 */
public final class PostgresRow<R extends ConnectRecord<R>> implements Transformation<R> {
    private static final String TIMESTAMP = "io.debezium.time.ZonedTimestamp";

    /** The name and the parameter that identify JSONB to the JDBC connector. */
    private static final Schema JSONB = jsonb().build();

    private static final Schema OPTIONAL_JSONB = jsonb().optional().build();

    private static final String PRECISION = "connect.decimal.precision";
    /** A text column can be part of an index. An index entry holds 2,704 bytes, a UTF-16 code unit up to three. */
    private static final int MAX_TEXT_LENGTH = 512;

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

    private final JsonConverter json = new JsonConverter();

    // The converter returns the same schema object for all records.
    private Schema valueSchema;
    private Schema rowSchema;

    private static SchemaBuilder jsonb() {
        return SchemaBuilder.string().name("io.debezium.data.Json").parameter("__debezium.source.column.type", "JSONB");
    }

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

    /** @throws DataException if the value is not an object or PostgreSQL cannot store it */
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
        try {
            for (Field field : valueSchema.fields()) {
                row.put(rowSchema.fields().get(field.index()), column(field, value.get(field)));
            }
        } catch (InvalidOrderException e) {
            throw new DataException(e.getMessage(), e);
        }
        return row;
    }

    private static Schema rowSchema(Schema valueSchema) {
        SchemaBuilder schema = SchemaBuilder.struct().name(valueSchema.name());
        for (Field field : valueSchema.fields()) {
            schema.field(field.name(), isNested(field) ? jsonb(field.schema()) : field.schema());
        }
        return schema.build();
    }

    private static Schema jsonb(Schema nested) {
        return nested.isOptional() ? OPTIONAL_JSONB : JSONB;
    }

    private static boolean isNested(Field field) {
        return !field.schema().type().isPrimitive();
    }

    private Object column(Field field, Object value) {
        if (!isNested(field)) {
            return storable(field.name(), field.schema(), value, MAX_TEXT_LENGTH);
        }
        if (value == null) {
            return null;
        }
        Object nested = storable(field.name(), field.schema(), value, Integer.MAX_VALUE);
        return new String(json.fromConnectData(null, field.schema(), nested), StandardCharsets.UTF_8);
    }

    private static Object storable(String name, Schema schema, Object value, int maxTextLength) {
        return switch (value) {
            case String text when TIMESTAMP.equals(schema.name()) -> timestamp(name, text);
            case String text -> Rules.text(name, text, maxTextLength);
            case BigDecimal decimal ->
                Rules.decimal(
                        name,
                        decimal,
                        Integer.parseInt(schema.parameters().get(PRECISION)),
                        Integer.parseInt(schema.parameters().get(Decimal.SCALE_FIELD)));
            case List<?> list ->
                list.stream()
                        .map(element -> storable(name, schema.valueSchema(), element, maxTextLength))
                        .toList();
            case Struct struct -> {
                for (Field field : schema.fields()) {
                    String path = name + "." + field.name();
                    struct.put(field, storable(path, field.schema(), struct.get(field), maxTextLength));
                }
                yield struct;
            }
            case Integer _, Long _, Boolean _ -> value;
            case null -> null;
            default -> throw new DataException(name + " has an unsupported type: " + value.getClass());
        };
    }

    /** @return the same instant in UTC, because the connector's SQL statement ignores the offset */
    private static String timestamp(String name, String text) {
        Instant instant = Rules.between(EARLIEST, LATEST, name, Rules.instant(name, text));
        if (!instant.equals(instant.truncatedTo(ChronoUnit.MICROS))) {
            throw new DataException(name + " has more than 6 decimals of a second");
        }
        return instant.toString();
    }
}
