package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.check.History;
import io.onlyonce.verifier.check.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads offsets and committed records from Kafka, without a consumer group. */
public final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    /** A topic whose position does not advance for this time cannot be read to its end. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

    private final String bootstrapServers;
    private final Admin admin;

    public TopicReader(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers, "reconnect.backoff.max.ms", 500));
    }

    /** Returns the end offsets of every topic by partition, including uncommitted records. */
    public Map<Topic, long[]> endOffsets() throws InterruptedException {
        Map<Topic, long[]> ends = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            ends.put(topic, endOffsets(topic, IsolationLevel.READ_UNCOMMITTED));
        }
        return ends;
    }

    long[] lastStableOffsets(Topic topic) throws InterruptedException {
        return endOffsets(topic, IsolationLevel.READ_COMMITTED);
    }

    private long[] endOffsets(Topic topic, IsolationLevel isolation) throws InterruptedException {
        String name = topic.wireName();
        try {
            var topics = admin.describeTopics(List.of(name)).allTopicNames().get();
            int partitions = topics.get(name).partitions().size();
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                latest.put(new TopicPartition(name, partition), OffsetSpec.latest());
            }
            long[] ends = new long[partitions];
            var offsets = admin.listOffsets(latest, new ListOffsetsOptions(isolation));
            offsets.all().get().forEach((partition, end) -> ends[partition.partition()] = end.offset());
            return ends;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the end offsets of " + name, e.getCause());
        }
    }

    /** Returns a consumer of committed records that starts at the given offsets. */
    KafkaConsumer<byte[], byte[]> consumer(Map<Topic, long[]> from) {
        Map<String, Object> config = new HashMap<>();
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // An offset that no longer exists is an error. A reset would hide lost records.
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        // Recovery times are measured with this consumer, so that it must reconnect quickly.
        config.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Map<TopicPartition, Long> positions = new HashMap<>();
        from.forEach((topic, offsets) -> IntStream.range(0, offsets.length)
                .forEach(n -> positions.put(new TopicPartition(topic.wireName(), n), offsets[n])));
        consumer.assign(positions.keySet());
        positions.forEach(consumer::seek);
        return consumer;
    }

    /** Adds the committed records to the history, from the given offsets to the current last stable offsets. */
    public void read(Topic topic, long[] from, History history, Progress progress) throws InterruptedException {
        long[] ends = lastStableOffsets(topic);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Map.of(topic, from))) {
            long total = left(consumer, topic, ends);
            long left = total;
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (left > 0) {
                consumer.poll(POLL).forEach(r -> history.record(topic, r.partition(), r.offset(), r.key(), r.value()));
                long before = left;
                left = left(consumer, topic, ends);
                if (left < before) {
                    deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("no progress reading %s for %d s, %d offsets left"
                            .formatted(topic.wireName(), READ_TIMEOUT.toSeconds(), left));
                }
                progress.step(total - left, total, topic.wireName());
            }
        }
    }

    private static long left(KafkaConsumer<byte[], byte[]> consumer, Topic topic, long[] ends) {
        long left = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            left += Math.max(0, ends[partition] - consumer.position(new TopicPartition(topic.wireName(), partition)));
        }
        return left;
    }

    /** Describes the partitions with an open transaction, which blocks every reader of committed records. */
    public List<String> openTransactions() throws InterruptedException {
        List<String> open = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            long[] stable = lastStableOffsets(topic);
            long[] ends = endOffsets(topic, IsolationLevel.READ_UNCOMMITTED);
            for (int partition = 0; partition < ends.length; partition++) {
                if (stable[partition] < ends[partition]) {
                    open.add("%s, partition %d: last stable offset %d, end offset %d"
                            .formatted(topic.wireName(), partition, stable[partition], ends[partition]));
                }
            }
        }
        return open;
    }

    @Override
    public void close() {
        admin.close();
    }
}
