package io.onlyonce.bench.kafka;

import static java.util.Map.entry;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Counts the committed records of a topic by reading it from the beginning. Offsets would not do, because they include
 * transaction markers and aborted records. Not thread-safe.
 */
public final class CommittedReader implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final long[] counts;
    private long bytes;

    public CommittedReader(String bootstrapServers, String topic) {
        Map<String, Object> config = Map.ofEntries(
                entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                entry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, IsolationLevel.READ_COMMITTED.toString()),
                entry(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000),
                entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20));
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        counts = new long[partitions.size()];
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Returns the number of records that were committed before the call, for each partition. */
    public long[] countsByPartition() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                counts[record.partition()]++;
                bytes += record.serializedKeySize() + record.serializedValueSize();
            }
        }
        return counts.clone();
    }

    public long count() {
        return LongStream.of(countsByPartition()).sum();
    }

    /** Returns the average size of key and value of the records that have been counted. */
    public double averageRecordBytes() {
        return (double) bytes / LongStream.of(counts).sum();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
