package io.onlyonce.bench.stream;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;

/**
 * What the shipped stream gives its Kafka clients, as far as a rate depends on it, for its peers: they differ in what they
 * do with a record, not in how records travel. The shipped values and their reasons stand in order-stream's
 * KafkaConfiguration, in a program that is not on this one's class path; a test keeps both equal.
 */
public final class StreamClients {
    public static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    public static final Map<String, Object> PRODUCER = Map.of(
            ProducerConfig.ACKS_CONFIG,
            "all",
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4",
            ProducerConfig.BATCH_SIZE_CONFIG,
            128 * 1024,
            ProducerConfig.LINGER_MS_CONFIG,
            30);

    public static final Map<String, Object> CONSUMER = Map.of(
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            IsolationLevel.READ_COMMITTED.toString(),
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            2_000);

    private StreamClients() {}
}
