package io.onlyonce.postgres.sink;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** A target table. Reads its columns from the database, and converts records to rows. */
final class TargetTable {
    /** Bytes that are handed to the driver at a time. */
    private static final int COPY_BUFFER = 65_536;

    private static final String STAGING_ORDER = "\"staging order\"";

    private record Column(String name, boolean nullable, boolean hasDefault, ColumnEncoder encoder) {}

    /** Appends the value of one column to a row. */
    private interface Source {
        void append(SinkRecord record, StringBuilder row);
    }

    private final PostgresSinkConfig.Table config;
    private final List<Column> columns;
    private final String name;
    private final String stagingName;

    private TargetTable(PostgresSinkConfig.Table config, List<Column> columns) {
        this.config = config;
        this.columns = columns;
        this.name = quoted(config.name());
        this.stagingName = quotedColumn("staging " + config.name());
    }

    /**
     * Reads the columns of the table from the database.
     *
     * @throws ConnectException if the table does not exist or does not match its configuration
     */
    static TargetTable describe(Session session, PostgresSinkConfig.Table config) throws SQLException {
        List<Column> columns = columns(session, config);
        Set<String> names = columns.stream().map(Column::name).collect(Collectors.toSet());
        if (columns.isEmpty()) {
            throw new ConnectException("The table " + config.name() + " does not exist");
        }
        if (!names.containsAll(config.sources().keySet())) {
            throw new ConnectException("table.%s.columns names the columns %s, but the table has %s"
                    .formatted(config.name(), config.sources().keySet(), names));
        }
        if (config.mode() == PostgresSinkConfig.Mode.UPSERT && !hasUniqueIndex(session, config)) {
            throw new ConnectException("table.%s.key is %s, but the table has no unique index on these columns"
                    .formatted(config.name(), config.key()));
        }
        List<String> nullableKeys = columns.stream()
                .filter(column -> column.nullable() && config.key().contains(column.name()))
                .map(Column::name)
                .toList();
        if (!nullableKeys.isEmpty()) {
            throw new ConnectException("table.%s.key contains %s, which can be null; null is never equal to null"
                    .formatted(config.name(), nullableKeys));
        }
        return new TargetTable(config, columns);
    }

    private static List<Column> columns(Session session, PostgresSinkConfig.Table config) throws SQLException {
        String sql = """
                SELECT attname, CASE typtype WHEN 'd' THEN format_type(typbasetype, typtypmod)
                                             ELSE format_type(atttypid, atttypmod) END,
                       attnotnull OR typnotnull, atthasdef OR attidentity <> ''
                  FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
                 WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                 ORDER BY attnum""";
        List<Column> columns = new ArrayList<>();
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, quoted(config.name()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String column = rows.getString(1);
                    boolean nullable = !rows.getBoolean(3);
                    ColumnEncoder encoder = new ColumnEncoder(column, rows.getString(2), nullable);
                    columns.add(new Column(column, nullable, rows.getBoolean(4), encoder));
                }
            }
        }
        return columns;
    }

    private static boolean hasUniqueIndex(Session session, PostgresSinkConfig.Table config) throws SQLException {
        String sql = """
                SELECT array_agg(a.attname::text) FROM pg_index i
                  JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k (attnum, n) ON k.n <= i.indnkeyatts
                  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                 WHERE i.indrelid = to_regclass(?) AND i.indisunique AND i.indisvalid AND i.indimmediate
                   AND i.indpred IS NULL AND i.indexprs IS NULL
                 GROUP BY i.indexrelid""";
        try (PreparedStatement statement = session.connection().prepareStatement(sql)) {
            statement.setString(1, quoted(config.name()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String[] names = (String[]) rows.getArray(1).getArray();
                    if (Set.copyOf(Arrays.asList(names)).equals(Set.copyOf(config.key()))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    boolean isUpserted() {
        return config.mode() == PostgresSinkConfig.Mode.UPSERT;
    }

    /**
     * Returns an empty set of rows for records with the same fields as the given record.
     *
     * @throws DataException if the value is not an object or does not contain a field that the table needs
     */
    Rows rowsFor(SinkRecord record) {
        Set<?> fields = fields(record.value());
        List<String> names = new ArrayList<>();
        List<Source> sources = new ArrayList<>();
        for (Column column : columns) {
            String configured =
                    config.sources().getOrDefault(column.name(), column.name() + PostgresSinkConfig.OPTIONAL);
            boolean isOptional = configured.endsWith(PostgresSinkConfig.OPTIONAL);
            String source = isOptional ? configured.substring(0, configured.length() - 1) : configured;
            if (source.startsWith("$") || fields.contains(source)) {
                names.add(column.name());
                sources.add(source(source, column.encoder()));
            } else if (!isOptional || !column.nullable() && !column.hasDefault()) {
                throw new DataException("the column %s of %s needs the field %s, but the value has %s"
                        .formatted(column.name(), config.name(), source, fields));
            }
        }
        return new Rows(record.valueSchema(), fields, names, sources);
    }

    private static Set<?> fields(Object value) {
        if (value instanceof Struct) {
            return ((Struct) value).schema().fields().stream().map(Field::name).collect(Collectors.toSet());
        }
        if (value instanceof Map) {
            return ((Map<?, ?>) value).keySet();
        }
        throw new DataException("the value is not an object");
    }

    private static Source source(String source, ColumnEncoder encoder) {
        return switch (source) {
            case "$topic" -> (record, row) -> encoder.append(record.originalTopic(), row);
            case "$partition" -> (record, row) -> encoder.append(record.originalKafkaPartition(), row);
            case "$offset" -> (record, row) -> encoder.append(record.originalKafkaOffset(), row);
            case "$key" -> (record, row) -> encoder.append(record.key(), row);
            case "$timestamp" ->
                (record, row) -> encoder.append(record.timestamp() == null ? null : new Date(record.timestamp()), row);
            default -> (record, row) -> appendField(source, encoder, record, row);
        };
    }

    private static void appendField(String field, ColumnEncoder encoder, SinkRecord record, StringBuilder row) {
        if (record.value() instanceof Struct) {
            encoder.append(((Struct) record.value()).get(field), row);
        } else {
            encoder.append(((Map<?, ?>) record.value()).get(field), row);
        }
    }

    /** Rows of this table for records with the same fields, in the text format of COPY. */
    final class Rows {
        private final Schema schema;
        private final Set<?> fields;
        private final List<String> names;
        private final List<Source> sources;
        private final StringBuilder text = new StringBuilder();

        private Rows(Schema schema, Set<?> fields, List<String> names, List<Source> sources) {
            this.schema = schema;
            this.fields = fields;
            this.names = names;
            this.sources = sources;
        }

        TargetTable table() {
            return TargetTable.this;
        }

        /**
         * Returns true if the record has the same fields as these rows. Compares schemas by identity, because a
         * converter returns the same schema object for all records. Compares values without a schema by the names of
         * their fields.
         */
        boolean accepts(SinkRecord record) {
            return schema != null
                    ? record.valueSchema() == schema
                    : record.valueSchema() == null && fields(record.value()).equals(fields);
        }

        int length() {
            return text.length();
        }

        void truncate(int length) {
            text.setLength(length);
        }

        /**
         * Appends the row of a record.
         *
         * @throws DataException if a column cannot hold its value. In this case, the text may end with an incomplete
         *     row, which the caller must remove with {@link #truncate}
         */
        void append(SinkRecord record) {
            for (int i = 0; i < sources.size(); i++) {
                if (i > 0) {
                    text.append('\t');
                }
                sources.get(i).append(record, text);
            }
            text.append('\n');
        }

        /** Writes the rows with COPY, directly into the table. */
        void copy(Session session) throws SQLException {
            copyInto(session, name);
        }

        /** Writes the rows through a temporary table. For each key, the last row replaces the stored row. */
        void upsert(Session session) throws SQLException {
            session.execute(
                    "CREATE TEMPORARY TABLE IF NOT EXISTS %s (LIKE %s INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING GENERATED, %s bigserial)"
                                    .formatted(stagingName, name, STAGING_ORDER)
                            + " ON COMMIT DELETE ROWS");
            copyInto(session, stagingName);
            String key = list(config.key());
            String updates = names.stream()
                    .filter(column -> !config.key().contains(column))
                    .map(column -> "%1$s = excluded.%1$s".formatted(quotedColumn(column)))
                    .collect(Collectors.joining(", "));
            session.execute("""
                    INSERT INTO %1$s (%2$s) SELECT %2$s FROM (
                        SELECT DISTINCT ON (%3$s) * FROM %4$s ORDER BY %3$s, %5$s DESC) AS latest
                    ON CONFLICT (%3$s) DO %6$s""".formatted(
                            name,
                            list(names),
                            key,
                            stagingName,
                            STAGING_ORDER,
                            updates.isEmpty() ? "NOTHING" : "UPDATE SET " + updates));
            session.execute("DELETE FROM " + stagingName);
        }

        private void copyInto(Session session, String target) throws SQLException {
            try {
                session.copy()
                        .copyIn(
                                "COPY %s (%s) FROM STDIN".formatted(target, list(names)),
                                // Not as a Reader, of which the driver encodes 64 Ki characters at a time and splits
                                // surrogate pairs.
                                new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)),
                                COPY_BUFFER);
            } catch (IOException e) {
                throw new ConnectException("Reading from memory failed", e);
            }
        }
    }

    private static String list(List<String> columns) {
        return columns.stream().map(TargetTable::quotedColumn).collect(Collectors.joining(", "));
    }

    private static String quotedColumn(String column) {
        return '"' + column.replace("\"", "\"\"") + '"';
    }

    /** Quotes the name of a table, with or without a schema: {@code schema.table} or {@code table}. */
    static String quoted(String name) {
        return Arrays.stream(name.split("\\.")).map(TargetTable::quotedColumn).collect(Collectors.joining("."));
    }
}
