package io.onlyonce.query.tables;

import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/stats")
final class StatsController {
    private final Totals totals;

    StatsController(Totals totals) {
        this.totals = totals;
    }

    /**
     * @param idempotencyWorking whether every order_id has exactly one row
     * @param duplicateEntries the first hundred order_ids with several rows
     */
    record Duplicates(
            long uniqueMessageCount,
            long totalDatabaseRows,
            boolean idempotencyWorking,
            List<Totals.RepeatedOrder> duplicateEntries,
            long duplicatesRejected) {}

    @GetMapping
    @Operation(summary = "Returns how many messages were processed, by which instance, and at which rate")
    Totals.Stats stats() {
        return totals.read();
    }

    @GetMapping("/duplicates")
    @Operation(summary = "Returns whether every order was processed once, and the orders that were not")
    Duplicates duplicates() {
        Totals.Stats stats = totals.read();
        return new Duplicates(
                stats.totalUniqueOrders(),
                stats.totalProcessedMessages(),
                stats.totalUniqueOrders() == stats.totalProcessedMessages(),
                totals.repeatedOrders(),
                stats.duplicatesRejected());
    }
}
