package io.onlyonce.bench.kafka;

import static java.util.Map.entry;

import io.onlyonce.model.Order;
import io.onlyonce.model.OrderItem;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes the input of an experiment to topics, in large batches. */
public final class RecordWriter implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private volatile Exception failure;

    public RecordWriter(String bootstrapServers) {
        Map<String, Object> config = Map.ofEntries(
                entry(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                entry(ProducerConfig.LINGER_MS_CONFIG, 20),
                entry(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024));
        producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Returns an order of two items. Its record has about 260 bytes. */
    public static Order order(String id, int customer, BigDecimal price, Instant createdAt) {
        List<OrderItem> items =
                List.of(new OrderItem("Widget Pro", 2, price), new OrderItem("Gadget", 1, BigDecimal.TEN));
        BigDecimal total = price.multiply(BigDecimal.TWO).add(BigDecimal.TEN);
        return new Order(id, "customer-" + customer, items, total, createdAt);
    }

    public void send(String topic, byte[] key, byte[] value) {
        producer.send(new ProducerRecord<>(topic, key, value), (metadata, exception) -> {
            if (exception != null) {
                failure = exception;
            }
        });
    }

    /** Returns when all records are written. */
    public void flush() {
        producer.flush();
        if (failure != null) {
            throw new IllegalStateException("a record could not be written", failure);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
