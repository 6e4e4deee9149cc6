package io.onlyonce.query.tables;

import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
     * @param totalProcessedMessages rows of `processed_messages`: one a record committed to `orders.processed`
     * @param totalUniqueOrders distinct order_ids among them
     * @param duplicatesEmitted the difference: duplicates that the stream let through; with exactly-once always 0
     * @param duplicatesRejected that the stream kept back
     * @param processingRatePerMinute orders processed in the last 60 seconds
     */
    record Stats(
            long totalProcessedMessages,
            long totalUniqueOrders,
            long duplicatesEmitted,
            long duplicatesRejected,
            Map<String, Long> messagesByConsumer,
            long processingRatePerMinute,
            Instant firstProcessed,
            Instant lastProcessed) {}

    /**
     * @param idempotencyWorking whether every order_id has one row
     * @param duplicateEntries the first hundred order_ids with more, by order_id
     */
    record Duplicates(
            long uniqueMessageCount,
            long totalDatabaseRows,
            boolean idempotencyWorking,
            List<Totals.RepeatedOrder> duplicateEntries,
            long duplicatesRejected) {}

    @GetMapping
    @Operation(summary = "What has been processed, by which instance, and how fast")
    Stats stats() {
        var now = totals.read();
        return new Stats(
                now.messages(),
                now.orders(),
                now.duplicatesEmitted(),
                now.duplicatesRejected(),
                now.messagesByConsumer(),
                now.messagesLastMinute(),
                now.firstProcessed(),
                now.lastProcessed());
    }

    @GetMapping("/duplicates")
    @Operation(summary = "Whether every order was processed once, and which were not")
    Duplicates duplicates() {
        var now = totals.read();
        return new Duplicates(
                now.orders(),
                now.messages(),
                now.orders() == now.messages(),
                totals.repeated(),
                now.duplicatesRejected());
    }
}
