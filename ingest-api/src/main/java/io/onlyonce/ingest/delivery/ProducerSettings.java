package io.onlyonce.ingest.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Every Kafka property of this service's producers, each beside its reason. */
final class ProducerSettings {
    private final DeliveryProperties properties;

    ProducerSettings(DeliveryProperties properties) {
        this.properties = properties;
    }

    String transactionalId(int lane) {
        return properties.transactionalId(lane);
    }

    /** exactly-once: each lane's; its transactional id settles what its predecessor left open. */
    Map<String, Object> transactional(int lane) {
        Map<String, Object> config = idempotent();
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, properties.transactionalId(lane));
        config.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis(properties.transactionTimeout()));
        // Nothing leaves before the commit flushes it: one request carries the whole transaction.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 100);
        // A partition's share of a transaction is one batch.
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        // Until then a commit may be answered; later the transaction is given up, its outcome unknown.
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, share(0.8));
        return config;
    }

    /** exactly-once without transactions: a retry inside the producer is recognised by the broker. */
    Map<String, Object> idempotent() {
        Map<String, Object> config = atLeastOnce();
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return config;
    }

    /** at-least-once: every replica in sync has it; a retry may write it again, or overtake. */
    Map<String, Object> atLeastOnce() {
        Map<String, Object> config = common();
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        return config;
    }

    /** at-most-once: handed to the network and forgotten. */
    Map<String, Object> atMostOnce() {
        Map<String, Object> config = common();
        config.put(ProducerConfig.ACKS_CONFIG, "0");
        config.put(ProducerConfig.RETRIES_CONFIG, 0);
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        return config;
    }

    private Map<String, Object> common() {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, properties.kafkaBootstrapServers());
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        // A client waits for each record: what gathers under load gathers by itself.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // One by one they fit into the time that a request has: a try, the tries of a record, a blocked call.
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, share(0.3));
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, share(0.6));
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, share(0.3));
        // A broker that is back is found within half a second, and asked again soon.
        config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
        config.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 500);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 32L * 1024 * 1024);
        return config;
    }

    private int share(double part) {
        return (int) (properties.answerWithin().toMillis() * part);
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }

    static Producer<byte[], byte[]> open(Map<String, Object> config) {
        return new KafkaProducer<>(config);
    }
}
