package io.onlyonce.stream.runtime;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.mainConsumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.apache.kafka.streams.StreamsConfig.restoreConsumerPrefix;

import io.onlyonce.model.ProcessingMode;
import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.SeenOrdersRocksDb;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** All Kafka properties of the stream. docs/decisions/0003-recovery.md explains the timeouts. */
public final class KafkaConfiguration {
    /** How often outputs become visible. A shorter interval costs throughput, a longer one latency. */
    public static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    /** An instance that sends no heartbeat for this time loses its partitions. The minimum that a broker allows by default. */
    private static final int SESSION_TIMEOUT_MS = 6_000;

    private static final int MEBIBYTE = 1024 * 1024;

    /**
     * Limit of all stores of the process; each thread has an equal share, and commits early if it reaches it. A share is
     * enough for 60,000 ids, ten times the number that a thread adds per commit interval at its highest rate.
     */
    private static final long MAX_UNCOMMITTED_BYTES = 16L * MEBIBYTE;

    private KafkaConfiguration() {}

    static Map<String, Object> admin(StreamSettings settings) {
        return Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.bootstrapServers(),
                AdminClientConfig.CLIENT_ID_CONFIG,
                clientId(settings) + "-lookout",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                10_000,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG,
                "");
    }

    /** A consumer that reads one committed record at most and belongs to no group. */
    static Map<String, Object> probe(StreamSettings settings) {
        return Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                settings.bootstrapServers(),
                ConsumerConfig.CLIENT_ID_CONFIG,
                clientId(settings) + "-probe",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                1,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                64 * 1024,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                5_000,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG,
                "");
    }

    public static Properties streams(StreamSettings settings, ProcessingMode mode) {
        Properties config = new Properties();
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, OrderTopology.APPLICATION_ID);
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, settings.bootstrapServers());
        config.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                switch (mode) {
                    case EXACTLY_ONCE -> StreamsConfig.EXACTLY_ONCE_V2;
                    case AT_LEAST_ONCE -> StreamsConfig.AT_LEAST_ONCE;
                });
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL.toMillis());
        // By default, the client id is random, and each start would create new time series.
        config.put(StreamsConfig.CLIENT_ID_CONFIG, clientId(settings));
        config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDir() + "/streams");
        URI url = settings.advertisedUrl();
        config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, url.getHost() + ":" + url.getPort());
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        config.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbyReplicas());
        // A warmed-up instance gets its tasks after one minute instead of ten.
        config.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, 60_000L);
        config.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SeenOrdersRocksDb.class);
        // Uncommitted entries stay in memory until the Kafka transaction has committed. See
        // docs/decisions/0006-transactional-store.md.
        config.put(StreamsConfig.TRANSACTIONAL_STATE_STORES_CONFIG, settings.transactionalStore());
        config.put(StreamsConfig.STATESTORE_UNCOMMITTED_MAX_BYTES_CONFIG, MAX_UNCOMMITTED_BYTES);
        // GET /state must not report an id whose transaction can still be aborted.
        config.put(StreamsConfig.DEFAULT_INTERACTIVE_QUERY_ISOLATION_LEVEL_CONFIG, "READ_COMMITTED");
        config.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        // Micrometer exports the metrics. Registering them as MBeans as well would delay each start of a thread.
        config.put(StreamsConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        config.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);

        // Static membership: a process that restarts within the session timeout keeps its partitions. Kafka Streams
        // appends the index of the thread. Only the classic group protocol supports it.
        config.put(consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), settings.instanceId());
        config.put(consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_TIMEOUT_MS);
        config.put(consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1_000);
        // Exactly-once implies this setting. At-least-once must not read orders that the ingest API can still abort.
        config.put(consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
        config.put(mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);

        // After an unclean shutdown, the store is restored. Its records are small, so many are fetched at once.
        config.put(restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 20_000);
        config.put(restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 8 * MEBIBYTE);
        config.put(restoreConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), MEBIBYTE);

        // Readers of the outputs wait for the open transaction of a dead instance until this timeout.
        config.put(producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), SESSION_TIMEOUT_MS);
        config.put(producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
        config.put(producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        config.put(producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 128 * 1024);
        config.put(producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 30);
        // The producer checks the uncompressed size. An output can be many times larger than the broker's limit.
        config.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), DeadLetter.MAX_RECORD_BYTES);
        return config;
    }

    private static String clientId(StreamSettings settings) {
        return OrderTopology.APPLICATION_ID + "-" + settings.instanceId();
    }
}
