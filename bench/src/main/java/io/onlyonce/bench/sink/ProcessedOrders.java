package io.onlyonce.bench.sink;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The rows of a run, computed from their numbers: the same for every contender, and held by none. */
final class ProcessedOrders {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private ProcessedOrders() {}

    static ProcessedOrder number(int i) {
        // Scattered as random ids are, and unique: a multiplication by an odd number loses nothing.
        String id = new UUID(i * 0x9E3779B97F4A7C15L, i).toString();
        BigDecimal price = BigDecimal.valueOf(100 + i % 9_900, 2);
        Order order = new Order(
                id,
                "customer-" + i % 100_000,
                List.of(new OrderItem("Widget Pro", 2, price), new OrderItem("Gadget", 1, BigDecimal.TEN)),
                price.multiply(BigDecimal.TWO).add(BigDecimal.TEN),
                BEGIN.plus(i, ChronoUnit.MILLIS));
        return new ProcessedOrder(
                order,
                BEGIN.plus(i, ChronoUnit.MILLIS),
                "consumer-1",
                ProcessingMode.EXACTLY_ONCE,
                i % Topics.DEFAULT_PARTITIONS,
                i);
    }

    /** @return bytes of an average record, key and value */
    static double writeToTopic(String bootstrapServers, int orders) {
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
                ByteArraySerializer.class,
                ProducerConfig.LINGER_MS_CONFIG,
                20,
                ProducerConfig.BATCH_SIZE_CONFIG,
                128 * 1024);
        long bytes = 0;
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config)) {
            for (int i = 0; i < orders; i++) {
                ProcessedOrder order = number(i);
                byte[] key = order.order().orderId().getBytes(StandardCharsets.UTF_8);
                byte[] value = OrderJson.write(order);
                bytes += key.length + value.length;
                // One that does not arrive is missed when the rows are counted.
                Future<RecordMetadata> _ = producer.send(new ProducerRecord<>(Topics.PROCESSED, key, value));
            }
        }
        return (double) bytes / orders;
    }
}
