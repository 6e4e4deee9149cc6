package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Every Kafka property of this service's producers, with its reason. */
final class ProducerSettings {
    private ProducerSettings() {}

    /** @param transactionalId stable, so that the next producer with it fences this one and ends its transaction */
    static Map<String, Object> transactional(DeliveryProperties properties, String transactionalId) {
        Map<String, Object> config = plain(properties, DeliveryMode.EXACTLY_ONCE);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        config.put(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Math.toIntExact(properties.transactionTimeout().toMillis()));
        // The commit flushes the records, so that one request carries the whole transaction.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 100);
        // The records of a transaction in one partition fit into one batch.
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        // The timeout of a commit. After it, the worker closes the producer, and the outcome is unknown.
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, share(properties, 0.8));
        return config;
    }

    /**
     * Settings without transactions. Exactly-once: all in-sync replicas acknowledge, and the broker detects retries of the
     * producer. At-least-once: retries can duplicate or reorder records. At-most-once: no acknowledgments, no retries.
     */
    static Map<String, Object> plain(DeliveryProperties properties, DeliveryMode mode) {
        boolean acknowledged = mode != DeliveryMode.AT_MOST_ONCE;
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.ACKS_CONFIG, acknowledged ? "all" : "0");
        config.put(ProducerConfig.RETRIES_CONFIG, acknowledged ? Integer.MAX_VALUE : 0);
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, mode == DeliveryMode.EXACTLY_ONCE);
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, properties.kafkaBootstrapServers());
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        // A client waits for each record. Under load, records form batches without lingering.
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        // Each of these fits into the time limit of a request: one attempt, all attempts of a record, a blocked call.
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, share(properties, 0.3));
        config.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.toIntExact(deliveryTimeout(properties).toMillis()));
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, share(properties, 0.3));
        // The producer reconnects to a restarted broker within half a second.
        config.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        config.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 20);
        config.put(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 500);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 32L * 1024 * 1024);
        return config;
    }

    /** The time within which a producer completes a record. */
    static Duration deliveryTimeout(DeliveryProperties properties) {
        return Duration.ofMillis(share(properties, 0.6));
    }

    private static int share(DeliveryProperties properties, double share) {
        return (int) (properties.answerWithin().toMillis() * share);
    }
}
