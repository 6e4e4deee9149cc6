package io.onlyonce.query.tables;

import java.time.Instant;
import java.util.Map;

/**
 * The response of {@code GET /stats}.
 *
 * @param totalProcessedMessages rows of `processed_messages`, one for each record committed to `orders.processed`
 * @param totalUniqueOrders distinct order_ids among them
 * @param duplicatesEmitted the difference; always 0 under exactly-once
 * @param duplicatesRejected rows of `duplicate_messages`
 * @param messagesByConsumer rows of `processed_messages` by stream instance
 * @param processingRatePerMinute number of messages processed in the last 60 seconds
 * @param firstProcessed null if there is none, like `lastProcessed`
 */
public record ProcessingStats(
        long totalProcessedMessages,
        long totalUniqueOrders,
        long duplicatesEmitted,
        long duplicatesRejected,
        Map<String, Long> messagesByConsumer,
        long processingRatePerMinute,
        Instant firstProcessed,
        Instant lastProcessed) {}
