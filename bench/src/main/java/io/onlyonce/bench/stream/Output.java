package io.onlyonce.bench.stream;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Watches, as any reader downstream would, when committed output last appeared in each partition. */
final class Output implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final AtomicLongArray counts = new AtomicLongArray(Topics.DEFAULT_PARTITIONS);
    private final Thread thread;
    private volatile boolean closed;

    Output(String bootstrapServers) {
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        20),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(Topics.PROCESSED).stream()
                .map(partition -> new TopicPartition(Topics.PROCESSED, partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        thread = Thread.ofPlatform().name("output").start(this::watch);
    }

    private void watch() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(20))) {
                    counts.incrementAndGet(one.partition());
                }
            }
        }
    }

    /** Records seen so far. */
    long total() {
        return java.util.stream.IntStream.range(0, counts.length())
                .mapToLong(counts::get)
                .sum();
    }

    /** Records seen so far in each partition. */
    long[] perPartition() {
        return java.util.stream.IntStream.range(0, counts.length())
                .mapToLong(counts::get)
                .toArray();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
