package io.onlyonce.query.tables;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The figures of the tables, and the number of orders that are missing in them because they are in flight. */
@RestController
@RequestMapping("/stats")
@Tag(name = "Statistics", description = "The figures of the tables")
final class StatsController {
    private static final int MAX_REPEATED_ORDERS = 100;

    private final Totals totals;
    private final InFlight inFlight;
    private final JdbcClient jdbc;

    StatsController(Totals totals, InFlight inFlight, JdbcClient jdbc) {
        this.totals = totals;
        this.inFlight = inFlight;
        this.jdbc = jdbc;
    }

    /**
     * @param ordersInFlight acknowledged orders that are not in the other figures yet, including duplicates; null if Kafka
     *     does not answer
     */
    record CurrentStats(
            @JsonUnwrapped Totals.Stats totals, @Nullable Long ordersInFlight) {}

    /** @param rows number of rows of `processed_messages` with this order_id; at least 2 */
    record RepeatedOrder(String orderId, long rows) {}

    /**
     * @param idempotencyWorking whether every order_id has exactly one row
     * @param duplicateEntries the first hundred order_ids with several rows
     * @param conflicts rejected duplicates whose content differs from the first record with the same order_id
     * @param ordersInFlight as in {@link CurrentStats}
     */
    record Duplicates(
            long uniqueMessageCount,
            long totalDatabaseRows,
            boolean idempotencyWorking,
            List<RepeatedOrder> duplicateEntries,
            long duplicatesRejected,
            long conflicts,
            @Nullable Long ordersInFlight) {}

    @GetMapping
    @Operation(
            operationId = "getStats",
            summary =
                    "Returns how many messages were processed, by which instance, and at which rate. Waits up to `wait` "
                            + "seconds until no order is in flight")
    CurrentStats stats(@Schema(minimum = "0", maximum = "60") @RequestParam(defaultValue = "0") int wait) {
        // Before the tables, so that 0 means that they contain everything that was acknowledged before the request.
        Long ordersInFlight = inFlight.await(wait);
        return new CurrentStats(totals.read(), ordersInFlight);
    }

    @GetMapping("/duplicates")
    @Operation(
            operationId = "getDuplicates",
            summary =
                    "Returns whether every order was processed once, and the orders that were not. Waits up to `wait` "
                            + "seconds until no order is in flight")
    Duplicates duplicates(@Schema(minimum = "0", maximum = "60") @RequestParam(defaultValue = "0") int wait) {
        Long ordersInFlight = inFlight.await(wait);
        Totals.Stats stats = totals.read();
        var repeated = jdbc.sql(
                        "SELECT order_id, repetitions + 1 AS rows FROM repeated_orders ORDER BY order_id LIMIT ?")
                .param(MAX_REPEATED_ORDERS)
                .query(RepeatedOrder.class)
                .list();
        return new Duplicates(
                stats.totalUniqueOrders(),
                stats.totalProcessedMessages(),
                stats.totalUniqueOrders() == stats.totalProcessedMessages(),
                repeated,
                stats.duplicatesRejected(),
                stats.conflicts(),
                ordersInFlight);
    }
}
