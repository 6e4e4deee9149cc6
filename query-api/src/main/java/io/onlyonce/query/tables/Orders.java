package io.onlyonce.query.tables;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.query.Limits;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Reads the table `orders`, and the processing records of each order. */
@RestController
@RequestMapping("/orders")
@Tag(name = "Orders", description = "The stored orders")
final class Orders {
    /** Limits the records that are returned for one order. */
    private static final int MAX_RECORDS = 100;

    /** Counting up to this number of rows takes only milliseconds. */
    private static final int MAX_EXACT_COUNT = 10_000;

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

    /**
     * A record of `orders` that the stream rejected.
     *
     * @param conflict whether its content differs from the first record with this order_id
     * @param content the complete order if it is a conflict, else null
     */
    record RejectedDuplicate(
            int sourcePartition,
            long sourceOffset,
            Instant detectedAt,
            String consumerId,
            boolean conflict,

            @JsonRawValue @Nullable @Schema(implementation = Object.class)
            String content) {}

    /**
     * @param orders fewer than `limit` if they are larger than 1 MiB together
     * @param total number of matching orders; a lower bound if it is not exact
     * @param nextOffset the offset of the next page; null if there is none
     */
    record OrderPage(
            List<StoredOrder> orders,
            int limit,
            int offset,
            long total,
            boolean totalIsExact,
            @Nullable Integer nextOffset) {}

    /** @param processingRecords one under exactly-once; further records are duplicates that the stream emitted */
    record OrderDetails(
            @JsonUnwrapped StoredOrder order,
            List<ProcessingRecord> processingRecords,
            List<RejectedDuplicate> rejectedDuplicates) {}

    @GetMapping
    @Operation(
            operationId = "listOrders",
            summary = "Lists the stored orders, newest first. A page of large orders ends early; see next_offset")
    OrderPage list(
            @Schema(minimum = "1", maximum = "" + Limits.PAGE) @RequestParam(defaultValue = "50") int limit,
            @Schema(minimum = "0", maximum = "" + Limits.OFFSET) @RequestParam(defaultValue = "0") int offset,
            @RequestParam(name = "customer_id", required = false) String customer,
            @RequestParam(required = false) String status) {
        Limits.requirePage(limit, offset);
        if (status != null && !status.equals(ProcessedOrder.STATUS)) {
            // No order has another status. A query would scan the whole table.
            return new OrderPage(List.of(), limit, offset, 0, true, null);
        }
        String orders = customer == null ? "orders" : "orders WHERE customer_id = :customer";
        long count = jdbc.sql("SELECT count(*) FROM (SELECT FROM " + orders + " LIMIT :limit)")
                .param("customer", customer)
                .param("limit", MAX_EXACT_COUNT + 1)
                .query(Long.class)
                .single();
        // Reads one order more than the limit, to see whether there is another page.
        List<PageRow<StoredOrder>> found = jdbc.sql("""
                        SELECT * FROM (
                            SELECT o.*, count(*) OVER () AS available,
                                   coalesce(sum(octet_length(items::text)) OVER (
                                       ORDER BY processed_at DESC, order_id
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS preceding_bytes
                              FROM (SELECT * FROM %s ORDER BY processed_at DESC, order_id
                                     LIMIT :limit + 1 OFFSET :offset) o) sized
                         WHERE preceding_bytes < :bytes ORDER BY processed_at DESC, order_id LIMIT :limit""".formatted(orders))
                .param("customer", customer)
                .param("limit", limit)
                .param("offset", offset)
                .param("bytes", Limits.BYTES)
                .query((row, number) -> new PageRow<>(order(row, number), row.getInt("available")))
                .list();
        Integer nextOffset = PageRow.nextOffset(offset, found);
        var page = found.stream().map(PageRow::element).toList();
        if (count <= MAX_EXACT_COUNT) {
            return new OrderPage(page, limit, offset, count, true, nextOffset);
        }
        return customer == null
                ? new OrderPage(
                        page, limit, offset, Math.max(count, totals.read().totalUniqueOrders()), true, nextOffset)
                : new OrderPage(page, limit, offset, MAX_EXACT_COUNT, false, nextOffset);
    }

    @GetMapping("/{order_id}")
    @Operation(
            operationId = "getOrder",
            summary = "Returns an order with its processing records and its rejected duplicates")
    OrderDetails find(@PathVariable("order_id") String orderId) {
        StoredOrder order = jdbc.sql("SELECT * FROM orders WHERE order_id = ?")
                .param(orderId)
                .query(this::order)
                .optional()
                .orElseThrow(() -> new ResponseStatusException(
                        HttpStatus.NOT_FOUND, "The order " + orderId + " does not exist or is not stored yet"));
        var processingRecords = jdbc.sql("""
                        SELECT __connect_partition AS partition, __connect_offset AS "offset", processed_at,
                               consumer_id, processing_mode, source_partition, source_offset, sunk_at
                          FROM processed_messages WHERE order_id = ? ORDER BY partition, "offset" LIMIT ?""")
                .params(orderId, MAX_RECORDS)
                .query(ProcessingRecord.class)
                .list();
        var rejectedDuplicates = jdbc.sql("""
                        SELECT * FROM (
                            SELECT source_partition, source_offset, detected_at, consumer_id, conflict, content,
                                   coalesce(sum(octet_length(content::text)) OVER (
                                       ORDER BY source_partition, source_offset
                                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS preceding_bytes
                              FROM (SELECT * FROM duplicate_messages WHERE order_id = ?
                                     ORDER BY source_partition, source_offset LIMIT ?) d) sized
                         WHERE preceding_bytes < ? ORDER BY source_partition, source_offset""")
                .params(orderId, MAX_RECORDS, Limits.BYTES)
                .query((row, number) -> new RejectedDuplicate(
                        row.getInt("source_partition"),
                        row.getLong("source_offset"),
                        Totals.instant(row, "detected_at"),
                        row.getString("consumer_id"),
                        row.getBoolean("conflict"),
                        row.getString("content")))
                .list();
        return new OrderDetails(order, processingRecords, rejectedDuplicates);
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
