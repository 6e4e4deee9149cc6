package io.onlyonce.bench.sink;

import io.onlyonce.bench.kafka.RecordWriter;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;

/** The orders of a run, computed from their numbers, so that all candidates write the same rows. */
final class ProcessedOrders {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private ProcessedOrders() {}

    static ProcessedOrder number(int i) {
        // Scattered like random ids, and unique, because multiplication by an odd number is a bijection.
        String id = new UUID(i * 0x9E3779B97F4A7C15L, i).toString();
        BigDecimal price = BigDecimal.valueOf(100 + i % 9_900, 2);
        Instant time = BEGIN.plusMillis(i);
        Order order = RecordWriter.order(id, i % 100_000, price, time);
        int partition = i % Topics.DEFAULT_PARTITIONS;
        return new ProcessedOrder(order, time, "consumer-1", ProcessingMode.EXACTLY_ONCE, partition, i);
    }

    /** @return the average size of a record's key and value in bytes */
    static double writeToTopic(String bootstrapServers, int orders) {
        long bytes = 0;
        try (RecordWriter writer = new RecordWriter(bootstrapServers)) {
            for (int i = 0; i < orders; i++) {
                ProcessedOrder order = number(i);
                byte[] key = order.order().orderId().getBytes(StandardCharsets.UTF_8);
                byte[] value = OrderJson.write(order);
                bytes += key.length + value.length;
                writer.send(Topics.PROCESSED, key, value);
            }
            writer.flush();
        }
        return (double) bytes / orders;
    }
}
