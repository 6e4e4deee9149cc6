package io.onlyonce.postgres.sink;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;

/** Looks up the first and the last offset of partitions, to detect a stored offset that is outside the topic. */
final class TopicBounds implements AutoCloseable {
    private static final long TIMEOUT_S = 10;
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(100);

    /**
     * @param topicId of the topic, which differs after the topic was recreated
     * @param begin offset of the first record that still exists
     * @param end offset after the last record
     */
    record Bounds(String topicId, long begin, long end) {}

    private final Admin admin;
    private final Map<String, Object> client;

    TopicBounds(PostgresSinkConfig config) {
        client = config.kafkaClient();
        admin = Admin.create(client);
    }

    Map<TopicPartition, Bounds> of(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetSpec> first = new HashMap<>();
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        for (TopicPartition partition : partitions) {
            first.put(partition, OffsetSpec.earliest());
            last.put(partition, OffsetSpec.latest());
        }
        try {
            Map<TopicPartition, ListOffsetsResultInfo> begins =
                    get(admin.listOffsets(first).all());
            Map<TopicPartition, ListOffsetsResultInfo> ends =
                    get(admin.listOffsets(last).all());
            Set<String> topics = partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
            Map<String, TopicDescription> descriptions =
                    get(admin.describeTopics(topics).allTopicNames());
            Map<TopicPartition, Bounds> bounds = new HashMap<>();
            for (TopicPartition partition : partitions) {
                bounds.put(
                        partition,
                        new Bounds(
                                descriptions.get(partition.topic()).topicId().toString(),
                                begins.get(partition).offset(),
                                ends.get(partition).offset()));
            }
            return bounds;
        } catch (ExecutionException | TimeoutException e) {
            throw new RetriableException("Cannot look up the offsets of " + partitions, e);
        }
    }

    private static <T> T get(KafkaFuture<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("Interrupted while looking up offsets", e);
        }
    }

    /**
     * Checks that no record between the stored offset and the topic is missing.
     *
     * @param storedTopicId null if it is unknown
     * @throws ConnectException with both offsets if records are missing, or if the topic was recreated
     */
    static void check(TopicPartition partition, long stored, String storedTopicId, Bounds bounds) {
        String remedy = ". Nothing was skipped: restore the missing records, or set the offset from which to continue"
                + " with PATCH /connectors/NAME/offsets";
        if (stored > bounds.end()) {
            throw new ConnectException("The stored offset of %s is %d, but the topic ends at %d (was it recreated?)%s"
                    .formatted(partition, stored, bounds.end(), remedy));
        }
        if (stored < bounds.begin()) {
            throw new ConnectException(
                    "The stored offset of %s is %d, but the topic begins at %d (records were deleted by retention)%s"
                            .formatted(partition, stored, bounds.begin(), remedy));
        }
        if (storedTopicId != null && !storedTopicId.equals(bounds.topicId())) {
            throw new ConnectException(
                    "The stored offset of %s is %d and belongs to a topic that was deleted: its id was %s and is %s%s"
                            .formatted(partition, stored, storedTopicId, bounds.topicId(), remedy));
        }
    }

    /**
     * Looks for the next committed records. An idle partition usually ends with the marker of a transaction. An offset
     * before the marker would seem to be lost as soon as retention has deleted the marker.
     *
     * @param offsets the next offset to store of each partition
     * @return a larger offset for each partition that has only markers before it; other partitions are omitted
     */
    Map<TopicPartition, Long> afterMarkers(Map<TopicPartition, Long> offsets) {
        Map<TopicPartition, OffsetSpec> last = new HashMap<>();
        offsets.keySet().forEach(partition -> last.put(partition, OffsetSpec.latest()));
        try {
            Map<TopicPartition, ListOffsetsResultInfo> ends =
                    get(admin.listOffsets(last, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .all());
            Map<TopicPartition, Long> behind = new HashMap<>(offsets);
            behind.entrySet().removeIf(entry -> ends.get(entry.getKey()).offset() <= entry.getValue());
            return behind.isEmpty() ? Map.of() : readMarkers(behind, ends);
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            throw new RetriableException("Cannot read the ends of " + offsets.keySet(), e);
        }
    }

    private Map<TopicPartition, Long> readMarkers(
            Map<TopicPartition, Long> offsets, Map<TopicPartition, ListOffsetsResultInfo> ends) {
        Map<String, Object> config = new HashMap<>(client);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        Map<TopicPartition, Long> next = new HashMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            consumer.assign(offsets.keySet());
            offsets.forEach(consumer::seek);
            long deadline = System.nanoTime() + READ_TIMEOUT.toNanos();
            while (next.size() < offsets.size() && System.nanoTime() - deadline < 0) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                for (TopicPartition partition : offsets.keySet()) {
                    List<ConsumerRecord<byte[], byte[]>> found = records.records(partition);
                    long position = found.isEmpty()
                            ? consumer.position(partition)
                            : found.get(0).offset();
                    if (!found.isEmpty() || position >= ends.get(partition).offset()) {
                        next.putIfAbsent(partition, position);
                    }
                }
            }
        }
        next.entrySet().removeIf(entry -> entry.getValue() <= offsets.get(entry.getKey()));
        return next;
    }

    @Override
    public void close() {
        admin.close();
    }
}
