package io.onlyonce.verifier.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.History;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import io.onlyonce.verifier.plan.OrderContent;
import io.onlyonce.verifier.plan.OrderPlan;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.core.ColumnMapRowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.core.simple.JdbcClient.StatementSpec;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Reads the three tables of the contract over one connection. Methods throw Spring's exceptions. */
public final class TableReader implements AutoCloseable {
    private static final int FETCH_SIZE = 5_000;
    private static final int ROWS_PER_STEP = 10_000;

    private final SingleConnectionDataSource dataSource;
    private final JdbcClient jdbc;
    private final Map<Topic, List<String>> keyColumns = new EnumMap<>(Topic.class);

    public TableReader(SystemUnderTest system) {
        dataSource = new SingleConnectionDataSource(system.jdbcUrl(), system.user(), system.password(), true);
        Properties properties = new Properties();
        properties.putAll(Map.of(
                "ApplicationName", "verifier", "readOnly", "true", "connectTimeout", "2", "socketTimeout", "60"));
        dataSource.setConnectionProperties(properties);
        jdbc = JdbcClient.create(dataSource);
    }

    /** Returns the table that has a row for each order (of {@code orders}) or each record (of the other topics). */
    static String tableOf(Topic topic) {
        return switch (topic) {
            case ORDERS -> "orders";
            case PROCESSED -> "processed_messages";
            case DUPLICATES -> "duplicate_messages";
            case DEAD_LETTERS -> throw new IllegalArgumentException("no table for " + topic);
        };
    }

    public long countForeignOrders(OrderPlan plan) {
        String sql = "SELECT count(*) FROM orders WHERE NOT starts_with(order_id, ?)";
        return jdbc.sql(sql).param(plan.idPrefix()).query(Long.class).single();
    }

    boolean hasAll(String table, List<String> ids) {
        String sql = "SELECT count(DISTINCT order_id) FROM " + table + " WHERE order_id = ANY (?)";
        Object array = ids.toArray(String[]::new);
        return jdbc.sql(sql).param(array).query(Integer.class).single() == ids.size();
    }

    /**
     * Counts the rows that were added since the last call. The cost does not depend on the size of the table.
     *
     * @param seen the highest known offset by partition; updated by this method
     */
    long countNewRows(Topic topic, long[] seen) {
        List<String> key = keyColumns(topic);
        String sql = """
                SELECT s.partition, n.rows, n.last
                  FROM unnest(?, ?) AS s (partition, seen),
                       LATERAL (SELECT count(*) AS rows, max(%3$s) AS last
                                  FROM %4$s WHERE %1$s = ? AND %2$s = s.partition AND %3$s > s.seen) n
                 WHERE n.rows > 0""".formatted(key.get(0), key.get(1), key.get(2), tableOf(topic));
        AtomicLong count = new AtomicLong();
        jdbc.sql(sql).params(partitions(seen), seen.clone(), topic.wireName()).query((ResultSet row) -> {
            seen[row.getInt(1)] = row.getLong(3);
            count.addAndGet(row.getLong(2));
        });
        return count.get();
    }

    public void readOrders(OrderPlan plan, History history, Progress progress) {
        String sql = "SELECT * FROM orders WHERE starts_with(order_id, ?)";
        stream("orders", jdbc.sql(sql).param(plan.idPrefix()), progress, row -> {
            String id = (String) row.get("order_id");
            try {
                List<OrderContent.Line> lines =
                        ContractJson.lines(String.valueOf(row.get("items")).getBytes(UTF_8));
                OrderContent content =
                        new OrderContent((String) row.get("customer_id"), lines, (BigDecimal) row.get("total_amount"));
                Optional<Instant> created = row.containsKey("created_at")
                        ? Optional.of(((Timestamp) row.get("created_at")).toInstant())
                        : Optional.empty();
                history.orderRow(id, content, created, source(row));
            } catch (InvalidJsonException e) {
                history.invalidOrderRow(id, e.getMessage());
            }
        });
    }

    /** Adds the rows of the topic's table to the history. Skips the rows of earlier runs. */
    public void readMessages(Topic topic, Map<Topic, long[]> starts, History history, Progress progress) {
        List<String> key = keyColumns(topic);
        String sql =
                "SELECT m.* FROM %1$s m LEFT JOIN unnest(?, ?) AS s (partition, start) ON m.%2$s = s.partition WHERE m.%3$s >= coalesce(s.start, 0)"
                        .formatted(tableOf(topic), key.get(1), key.get(2));
        long[] offsets = starts.get(topic);
        stream(tableOf(topic), jdbc.sql(sql).params(partitions(offsets), offsets), progress, row -> {
            // A row of another topic must not match a record of this one.
            int partition = topic.wireName().equals(row.get(key.get(0))) ? (int) integer(row, key.get(1)) : -1;
            history.messageRow(topic, partition, integer(row, key.get(2)), (String) row.get("order_id"), source(row));
        });
    }

    private static Optional<History.Source> source(Map<String, Object> row) {
        boolean hasSource = row.containsKey("source_partition") && row.containsKey("source_offset");
        return hasSource
                ? Optional.of(new History.Source(integer(row, "source_partition"), integer(row, "source_offset")))
                : Optional.empty();
    }

    private static long integer(Map<String, Object> row, String column) {
        return ((Number) row.get(column)).longValue();
    }

    /** Runs the query in a transaction, because the driver uses a cursor only if auto-commit is off. */
    private void stream(String table, StatementSpec query, Progress progress, Consumer<Map<String, Object>> handler) {
        ColumnMapRowMapper mapper = new ColumnMapRowMapper();
        AtomicInteger count = new AtomicInteger();
        new TransactionTemplate(new JdbcTransactionManager(dataSource))
                .executeWithoutResult(status -> query.withFetchSize(FETCH_SIZE).query((ResultSet row) -> {
                    handler.accept(mapper.mapRow(row, count.get()));
                    if (count.incrementAndGet() % ROWS_PER_STEP == 0) {
                        progress.step(count.get(), 0, "rows of " + table);
                    }
                }));
    }

    private static int[] partitions(long[] offsets) {
        return IntStream.range(0, offsets.length).toArray();
    }

    /** Returns the columns for topic, partition and offset. The contract defines the key, but not its column names. */
    private List<String> keyColumns(Topic topic) {
        return keyColumns.computeIfAbsent(topic, t -> {
            List<String> columns =
                    jdbc.sql("""
                            SELECT a.attname
                              FROM pg_index i
                                   CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, position)
                                   JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                             WHERE i.indisprimary AND i.indrelid = ?::regclass
                             ORDER BY k.position""").param(tableOf(t)).query(String.class).list();
            if (columns.size() != 3) {
                throw new InvalidDataAccessResourceUsageException(
                        "primary key of %s must be topic, partition and offset, but was %s"
                                .formatted(tableOf(t), columns));
            }
            return columns;
        });
    }

    /** Closes the connection. The next query opens a new one. */
    void disconnect() {
        dataSource.resetConnection();
    }

    @Override
    public void close() {
        dataSource.destroy();
    }
}
