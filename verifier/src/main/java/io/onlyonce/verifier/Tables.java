package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** Reads the contract's three tables, each row once, without holding them in memory. */
final class Tables implements AutoCloseable {
    private static final int FETCH_SIZE = 5_000;
    private static final int ROWS_PER_STEP = 10_000;
    /** Where a row's order stands in {@code orders}: these columns, where the table has them. */
    private static final String SOURCE_COLUMNS = ", source_partition, source_offset";

    /** The table that holds one row a record of the topic. */
    static String of(Topic topic) {
        return switch (topic) {
            case PROCESSED -> "processed_messages";
            case DUPLICATES -> "duplicate_messages";
            case ORDERS, DEAD_LETTERS -> throw new IllegalArgumentException("no table is keyed by places in " + topic);
        };
    }

    private final Connection connection;
    private final Map<Topic, List<String>> keyColumns = new EnumMap<>(Topic.class);

    Tables(SystemUnderTest system) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", system.user());
        properties.setProperty("password", system.password());
        properties.setProperty("ApplicationName", "verifier");
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("socketTimeout", "60");
        connection = DriverManager.getConnection(system.jdbcUrl(), properties);
        connection.setReadOnly(true);
    }

    /** Rows of the table orders whose id does not begin so. */
    long ordersNotOf(Plan plan) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("SELECT count(*) FROM orders WHERE NOT starts_with(order_id, ?)")) {
            query.setString(1, plan.run() + "-");
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /** How many of these orders have a row in the table orders. */
    boolean hasOrders(List<String> ids) throws SQLException {
        return countIds("orders", ids) == ids.size();
    }

    /** Whether each of these orders has a row in the table of the topic's records. */
    boolean hasMessages(Topic topic, List<String> ids) throws SQLException {
        return countIds(of(topic), ids) == ids.size();
    }

    private int countIds(String table, List<String> ids) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT count(DISTINCT order_id) FROM " + table + " WHERE order_id = ANY (?)")) {
            query.setArray(1, connection.createArrayOf("text", ids.toArray()));
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /**
     * How far the table has come since it was last asked: a look at the end of its key, whatever its size.
     *
     * @param seen by partition, the largest offset seen before; brought up to date
     * @return how many rows are new
     */
    long newRows(Topic topic, long[] seen) throws SQLException {
        List<String> key = keyColumns(topic);
        String sql = """
                SELECT s.partition, n.rows, n.last
                  FROM unnest(?, ?) AS s (partition, seen),
                       LATERAL (SELECT count(*) AS rows, max(%3$s) AS last
                                  FROM %4$s WHERE %1$s = ? AND %2$s = s.partition AND %3$s > s.seen) n
                 WHERE n.rows > 0""".formatted(key.get(0), key.get(1), key.get(2), of(topic));
        long rows = 0;
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            bindPartitions(query, seen);
            query.setString(3, topic.wireName());
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    seen[found.getInt(1)] = found.getLong(3);
                    rows += found.getLong(2);
                }
            }
        }
        return rows;
    }

    /** Tells the history of each row of the table orders that belongs to the run. */
    void readOrders(Plan plan, History history, LongConsumer progress) throws SQLException {
        boolean withCreation = columns("orders").contains("created_at");
        boolean withSource = hasSource("orders");
        String sql = "SELECT order_id, customer_id, items::text, total_amount"
                + (withCreation ? ", created_at" : "")
                + (withSource ? SOURCE_COLUMNS : "")
                + " FROM orders WHERE starts_with(order_id, ?)";
        stream(sql, query -> query.setString(1, plan.run() + "-"), progress, row -> {
            String id = row.getString(1);
            try {
                Content content = new Content(
                        row.getString(2), Json.lines(row.getString(3).getBytes(UTF_8)), row.getBigDecimal(4));
                Optional<Instant> created = withCreation
                        ? Optional.of(row.getObject(5, OffsetDateTime.class).toInstant())
                        : Optional.empty();
                history.orderRow(id, content, created, source(row, withSource));
            } catch (Json.UnreadableException e) {
                history.unreadableOrderRow(id, e.getMessage());
            }
        });
    }

    /**
     * Tells the history of each row of the topic's table.
     *
     * @param starts the run's first offsets by partition; earlier rows are not its
     */
    void readMessages(Topic topic, long[] starts, History history, LongConsumer progress) throws SQLException {
        List<String> key = keyColumns(topic);
        boolean withSource = hasSource(of(topic));
        String sql = """
                SELECT m.%1$s, m.%2$s, m.%3$s, m.order_id%5$s
                  FROM %4$s m LEFT JOIN unnest(?, ?) AS s (partition, start) ON m.%2$s = s.partition
                 WHERE m.%3$s >= coalesce(s.start, 0)""".formatted(key.get(0), key.get(1), key.get(2), of(topic), withSource ? SOURCE_COLUMNS : "");
        stream(sql, query -> bindPartitions(query, starts), progress, row -> {
            // A row of another topic stands at no place of this one.
            int partition = row.getString(1).equals(topic.wireName()) ? row.getInt(2) : -1;
            history.messageRow(topic, partition, row.getLong(3), row.getString(4), source(row, withSource));
        });
    }

    private boolean hasSource(String table) throws SQLException {
        return columns(table).containsAll(List.of("source_partition", "source_offset"));
    }

    private static Optional<History.Source> source(ResultSet row, boolean present) throws SQLException {
        return present
                ? Optional.of(new History.Source(row.getInt("source_partition"), row.getLong("source_offset")))
                : Optional.empty();
    }

    private interface Binding {
        void bind(PreparedStatement query) throws SQLException;
    }

    private interface Row {
        void read(ResultSet row) throws SQLException;
    }

    private void stream(String sql, Binding binding, LongConsumer progress, Row each) throws SQLException {
        // Without auto-commit the driver fetches through a cursor: one snapshot, a few thousand rows in memory.
        connection.setAutoCommit(false);
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setFetchSize(FETCH_SIZE);
            binding.bind(query);
            long count = 0;
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    each.read(rows);
                    if (++count % ROWS_PER_STEP == 0) {
                        progress.accept(count);
                    }
                }
            }
            progress.accept(count);
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private void bindPartitions(PreparedStatement query, long[] offsets) throws SQLException {
        Integer[] partitions = new Integer[offsets.length];
        Arrays.setAll(partitions, i -> i);
        Array array = connection.createArrayOf("int4", partitions);
        query.setArray(1, array);
        query.setArray(
                2,
                connection.createArrayOf("int8", Arrays.stream(offsets).boxed().toArray()));
    }

    /** Topic, partition and offset, as the table calls them: the contract says what the key is, not its columns' names. */
    private List<String> keyColumns(Topic topic) throws SQLException {
        List<String> known = keyColumns.get(topic);
        if (known != null) {
            return known;
        }
        String table = of(topic);
        TreeMap<Short, String> columns = new TreeMap<>();
        DatabaseMetaData metaData = connection.getMetaData();
        try (ResultSet keys = metaData.getPrimaryKeys(null, connection.getSchema(), table)) {
            while (keys.next()) {
                columns.put(keys.getShort("KEY_SEQ"), keys.getString("COLUMN_NAME"));
            }
        }
        if (columns.size() != 3) {
            throw new SQLException("the key of %s is not topic, partition and offset: %s".formatted(table, columns));
        }
        keyColumns.put(topic, List.copyOf(columns.values()));
        return keyColumns.get(topic);
    }

    private List<String> columns(String table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet columns = connection.getMetaData().getColumns(null, connection.getSchema(), table, null)) {
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME"));
            }
        }
        return names;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
