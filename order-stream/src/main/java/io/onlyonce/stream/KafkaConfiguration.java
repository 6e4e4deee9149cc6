package io.onlyonce.stream;

import io.onlyonce.model.DeadLetter;
import io.onlyonce.model.ProcessingMode;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.streams.StreamsConfig;

/** Every Kafka property of the stream, in one place, each with its reason. How the times were chosen: docs/decisions/0003-recovery.md. */
final class KafkaConfiguration {
    /** Outputs become visible this often. Shorter costs throughput, longer costs latency. */
    static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    /** An instance that is silent for this long loses its partitions; the broker allows no less by default. */
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(6);

    /** How fast a member learns of a rebalance. */
    private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(1);

    /** And its transaction, which readers of its outputs wait for, ends at the same time. */
    private static final Duration TRANSACTION_TIMEOUT = SESSION_TIMEOUT;

    private static final int MEBIBYTE = 1024 * 1024;

    private KafkaConfiguration() {}

    static Map<String, Object> admin(StreamSettings settings) {
        return Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.bootstrapServers(),
                AdminClientConfig.CLIENT_ID_CONFIG,
                clientId(settings) + "-lookout",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) Duration.ofSeconds(10).toMillis(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) Duration.ofSeconds(5).toMillis(),
                AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
                "");
    }

    static Properties streams(StreamSettings settings, ProcessingMode mode) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, OrderTopology.APPLICATION_ID);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        properties.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                switch (mode) {
                    case EXACTLY_ONCE -> StreamsConfig.EXACTLY_ONCE_V2;
                    case AT_LEAST_ONCE -> StreamsConfig.AT_LEAST_ONCE;
                });
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL.toMillis());
        // Without it a random one, and new metrics at every start.
        properties.put(StreamsConfig.CLIENT_ID_CONFIG, clientId(settings));
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                settings.stateDir().resolve("streams").toString());
        properties.put(
                StreamsConfig.APPLICATION_SERVER_CONFIG,
                settings.advertisedUrl().getHost() + ":"
                        + settings.advertisedUrl().getPort());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbyReplicas());
        // An instance that has warmed up gets its tasks after a minute, and not after ten.
        properties.put(
                StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG,
                Duration.ofMinutes(1).toMillis());
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0L);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SeenOrdersRocksDb.class);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // Metrics go out through Micrometer; an MBean for each costs time at every start of a thread.
        properties.put(StreamsConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        properties.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        consumer(properties, settings);
        restoreConsumer(properties);
        producer(properties);
        return properties;
    }

    private static void consumer(Properties properties, StreamSettings settings) {
        // Static membership: a thread that comes back within the session time-out goes on with its partitions, without
        // a rebalance. That wants the classic protocol; the newer one has no static members in Streams.
        put(properties, StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instanceId());
        put(properties, StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT);
        put(properties, StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), HEARTBEAT_INTERVAL);
        // Exactly-once implies it. In at-least-once too, no order is read that the ingest API may still take back.
        put(
                properties,
                StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG),
                IsolationLevel.READ_COMMITTED.toString());
        put(properties, StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);
    }

    private static void restoreConsumer(Properties properties) {
        // An unclean stop under exactly-once wipes the store: restoring is part of every recovery, and its records are
        // small. Large fetches and polls instead of many.
        put(properties, StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 20_000);
        put(
                properties,
                StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
                8 * MEBIBYTE);
        put(properties, StreamsConfig.restoreConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), MEBIBYTE);
    }

    private static void producer(Properties properties) {
        put(properties, StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int)
                TRANSACTION_TIMEOUT.toMillis());
        put(properties, StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
        put(properties, StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        put(properties, StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 * 1024);
        put(properties, StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 30);
        // Counted uncompressed here: an output may be many times as large as what the broker let in.
        put(
                properties,
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                DeadLetter.MAX_RECORD_BYTES);
    }

    private static void put(Properties properties, String key, Object value) {
        properties.put(key, value instanceof Duration duration ? (Object) (int) duration.toMillis() : value);
    }

    private static String clientId(StreamSettings settings) {
        return OrderTopology.APPLICATION_ID + "-" + settings.instanceId();
    }
}
