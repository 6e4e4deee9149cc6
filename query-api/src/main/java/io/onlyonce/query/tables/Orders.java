package io.onlyonce.query.tables;

import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of `orders`, and what the stream made of each. */
@Component
final class Orders {
    /** An order whose records are more than this is a loop, not an order. */
    private static final int MAX_RECORDS = 100;

    /** Up to here an exact count costs milliseconds. */
    static final int EXACT_UP_TO = 10_000;

    private static final TypeReference<List<OrderItem>> ITEMS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Totals totals;

    Orders(JdbcClient jdbc, JsonMapper json, Totals totals) {
        this.jdbc = jdbc;
        this.json = json;
        this.totals = totals;
    }

    /**
     * An order as it is stored.
     *
     * @param partition of `orders` that it was read from
     * @param offset in that partition
     */
    record StoredOrder(
            String orderId,
            String customerId,
            List<OrderItem> items,
            BigDecimal totalAmount,
            Instant createdAt,
            String status,
            Instant processedAt,
            String consumerId,
            String processingMode,
            int partition,
            long offset) {}

    /**
     * A row of `processed_messages`.
     *
     * @param partition of `orders.processed` where the record stands, at `offset`
     * @param sourcePartition of `orders` that it was made from, at `sourceOffset`
     * @param sunkAt when the row was written
     */
    record ProcessingRecord(
            int partition,
            long offset,
            Instant processedAt,
            String consumerId,
            String processingMode,
            int sourcePartition,
            long sourceOffset,
            Instant sunkAt) {}

    /** A record of `orders` that the stream rejected, as its order_id had been seen. */
    record RejectedDuplicate(int sourcePartition, long sourceOffset, Instant detectedAt, String consumerId) {}

    /** @param total of the orders asked for; where it is not exact, there are at least as many */
    record Page(List<StoredOrder> orders, int limit, int offset, long total, boolean totalIsExact) {}

    /** @param customer null for every customer's */
    Page newest(int limit, int offset, String customer, String status) {
        if (status != null && !status.equals(ProcessedOrder.STATUS)) {
            // No order has another status. Looking for one would read the table from end to end.
            return new Page(List.of(), limit, offset, 0, true);
        }
        List<Object> parameters = new ArrayList<>();
        String filter = "";
        if (customer != null) {
            filter = "WHERE customer_id = ?";
            parameters.add(customer);
        }
        long counted = jdbc.sql("SELECT count(*) FROM (SELECT FROM orders " + filter + " LIMIT ?)")
                .params(with(parameters, EXACT_UP_TO + 1))
                .query(Long.class)
                .single();
        var orders = jdbc.sql(
                        "SELECT * FROM orders " + filter + " ORDER BY processed_at DESC, order_id LIMIT ? OFFSET ?")
                .params(with(parameters, limit, offset))
                .query(this::order)
                .list();
        if (counted <= EXACT_UP_TO) {
            return new Page(orders, limit, offset, counted, true);
        }
        return customer == null
                ? new Page(
                        orders, limit, offset, Math.max(counted, totals.read().orders()), true)
                : new Page(orders, limit, offset, EXACT_UP_TO, false);
    }

    Optional<StoredOrder> find(String orderId) {
        return jdbc.sql("SELECT * FROM orders WHERE order_id = ?")
                .param(orderId)
                .query(this::order)
                .optional();
    }

    List<ProcessingRecord> processingRecords(String orderId) {
        return jdbc.sql("""
                        SELECT * FROM processed_messages WHERE order_id = ?
                        ORDER BY __connect_partition, __connect_offset LIMIT ?""")
                .params(orderId, MAX_RECORDS)
                .query((row, number) -> new ProcessingRecord(
                        row.getInt("__connect_partition"),
                        row.getLong("__connect_offset"),
                        Totals.instant(row, "processed_at"),
                        row.getString("consumer_id"),
                        row.getString("processing_mode"),
                        row.getInt("source_partition"),
                        row.getLong("source_offset"),
                        Totals.instant(row, "sunk_at")))
                .list();
    }

    List<RejectedDuplicate> rejectedDuplicates(String orderId) {
        return jdbc.sql("""
                        SELECT * FROM duplicate_messages WHERE order_id = ?
                        ORDER BY source_partition, source_offset LIMIT ?""")
                .params(orderId, MAX_RECORDS)
                .query((row, number) -> new RejectedDuplicate(
                        row.getInt("source_partition"),
                        row.getLong("source_offset"),
                        Totals.instant(row, "detected_at"),
                        row.getString("consumer_id")))
                .list();
    }

    private StoredOrder order(ResultSet row, int number) throws SQLException {
        return new StoredOrder(
                row.getString("order_id"),
                row.getString("customer_id"),
                json.readValue(row.getString("items"), ITEMS),
                row.getBigDecimal("total_amount"),
                Totals.instant(row, "created_at"),
                row.getString("status"),
                Totals.instant(row, "processed_at"),
                row.getString("consumer_id"),
                row.getString("processing_mode"),
                row.getInt("source_partition"),
                row.getLong("source_offset"));
    }

    private static List<Object> with(List<Object> parameters, Object... more) {
        List<Object> all = new ArrayList<>(parameters);
        all.addAll(List.of(more));
        return all;
    }
}
