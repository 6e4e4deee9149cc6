package io.onlyonce.query.tables;

import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads the table `orders`, and the processing records of each order. */
@Component
final class Orders {
    /** Limits the records that are returned for one order. */
    private static final int MAX_RECORDS = 100;

    /** Counting up to this number of rows takes only milliseconds. */
    static final int MAX_EXACT_COUNT = 10_000;

    private static final TypeReference<List<OrderItem>> ITEMS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Totals totals;

    Orders(JdbcClient jdbc, JsonMapper json, Totals totals) {
        this.jdbc = jdbc;
        this.json = json;
        this.totals = totals;
    }

    /** @param partition the coordinates of the source in `orders`, together with `offset` */
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
     * @param partition the coordinates of the record in `orders.processed`, together with `offset`
     * @param sourcePartition the coordinates of the source in `orders`, together with `sourceOffset`
     * @param sunkAt when the sink wrote the row
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

    /** A record of `orders` that the stream rejected. */
    record RejectedDuplicate(int sourcePartition, long sourceOffset, Instant detectedAt, String consumerId) {}

    /** @param total number of matching orders; a lower bound if it is not exact */
    record Page(List<StoredOrder> orders, int limit, int offset, long total, boolean totalIsExact) {}

    /**
     * @param customer can be null
     * @param status can be null
     */
    Page newest(int limit, int offset, String customer, String status) {
        if (status != null && !status.equals(ProcessedOrder.STATUS)) {
            // No order has another status. A query would scan the whole table.
            return new Page(List.of(), limit, offset, 0, true);
        }
        String orders = customer == null ? "orders" : "orders WHERE customer_id = :customer";
        long count = jdbc.sql("SELECT count(*) FROM (SELECT FROM " + orders + " LIMIT :limit)")
                .param("customer", customer)
                .param("limit", MAX_EXACT_COUNT + 1)
                .query(Long.class)
                .single();
        var page = jdbc.sql(
                        "SELECT * FROM " + orders + " ORDER BY processed_at DESC, order_id LIMIT :limit OFFSET :offset")
                .param("customer", customer)
                .param("limit", limit)
                .param("offset", offset)
                .query(this::order)
                .list();
        if (count <= MAX_EXACT_COUNT) {
            return new Page(page, limit, offset, count, true);
        }
        return customer == null
                ? new Page(page, limit, offset, Math.max(count, totals.read().totalUniqueOrders()), true)
                : new Page(page, limit, offset, MAX_EXACT_COUNT, false);
    }

    Optional<StoredOrder> find(String orderId) {
        return jdbc.sql("SELECT * FROM orders WHERE order_id = ?")
                .param(orderId)
                .query(this::order)
                .optional();
    }

    List<ProcessingRecord> processingRecords(String orderId) {
        return jdbc.sql("""
                        SELECT __connect_partition AS partition, __connect_offset AS "offset", processed_at,
                               consumer_id, processing_mode, source_partition, source_offset, sunk_at
                          FROM processed_messages WHERE order_id = ? ORDER BY partition, "offset" LIMIT ?""")
                .params(orderId, MAX_RECORDS)
                .query(ProcessingRecord.class)
                .list();
    }

    List<RejectedDuplicate> rejectedDuplicates(String orderId) {
        return jdbc.sql("""
                        SELECT source_partition, source_offset, detected_at, consumer_id
                          FROM duplicate_messages WHERE order_id = ?
                         ORDER BY source_partition, source_offset LIMIT ?""")
                .params(orderId, MAX_RECORDS)
                .query(RejectedDuplicate.class)
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
}
