package io.onlyonce.bench.stream;

import static java.util.Map.entry;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;

/**
 * The Kafka client settings of the shipped stream that affect its rate, for the baselines: the baselines differ in the
 * processing of a record, not in its transport. order-stream's KafkaConfiguration explains the values; it is not on the
 * class path of this program, so a test compares them.
 */
public final class StreamClients {
    public static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);
    public static final Map<String, Object> PRODUCER = Map.ofEntries(
            entry(ProducerConfig.ACKS_CONFIG, "all"),
            entry(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4"),
            entry(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024),
            entry(ProducerConfig.LINGER_MS_CONFIG, 30));

    public static final Map<String, Object> CONSUMER = Map.ofEntries(
            entry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, IsolationLevel.READ_COMMITTED.toString()),
            entry(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000));

    private StreamClients() {}
}
