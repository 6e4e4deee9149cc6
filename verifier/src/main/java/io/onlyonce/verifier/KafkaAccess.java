package io.onlyonce.verifier;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The verifier's own way to Kafka: it reads committed data, belongs to no group and commits nothing. */
final class KafkaAccess implements AutoCloseable {
    private final String bootstrapServers;
    private final Admin admin;

    KafkaAccess(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
        this.admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "verifier",
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                500));
    }

    /** The end of every topic now, uncommitted records included: what is written from here on is this run's. */
    Map<Topic, long[]> ends() throws InterruptedException {
        Map<Topic, long[]> ends = new EnumMap<>(Topic.class);
        for (Topic topic : Topic.values()) {
            ends.put(topic, endOffsets(topic, IsolationLevel.READ_UNCOMMITTED));
        }
        return ends;
    }

    /** By partition, the offset behind the last record that a reader of committed data can see. */
    long[] lastStableOffsets(Topic topic) throws InterruptedException {
        return endOffsets(topic, IsolationLevel.READ_COMMITTED);
    }

    /** By partition, the offset behind the last record, committed or not. */
    long[] endOffsets(Topic topic) throws InterruptedException {
        return endOffsets(topic, IsolationLevel.READ_UNCOMMITTED);
    }

    private long[] endOffsets(Topic topic, IsolationLevel isolation) throws InterruptedException {
        try {
            int partitions = admin.describeTopics(List.of(topic.wireName()))
                    .allTopicNames()
                    .get()
                    .get(topic.wireName())
                    .partitions()
                    .size();
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            for (int partition = 0; partition < partitions; partition++) {
                latest.put(new TopicPartition(topic.wireName(), partition), OffsetSpec.latest());
            }
            var answer = admin.listOffsets(latest, new ListOffsetsOptions(isolation))
                    .all()
                    .get();
            long[] ends = new long[partitions];
            answer.forEach((partition, end) -> ends[partition.partition()] = end.offset());
            return ends;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot ask Kafka for the ends of " + topic.wireName(), e.getCause());
        }
    }

    /** A consumer of committed data, placed at the given offsets. */
    KafkaConsumer<byte[], byte[]> consumer(Map<Topic, long[]> from) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.CLIENT_ID_CONFIG,
                        "verifier",
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        // A place that is gone is an error: silently starting elsewhere would hide a loss.
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "none",
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5_000,
                        // A broker that comes back is noticed at once: recovery times are measured through this.
                        ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                        200),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        Map<TopicPartition, Long> places = new HashMap<>();
        from.forEach((topic, offsets) -> {
            for (int partition = 0; partition < offsets.length; partition++) {
                places.put(new TopicPartition(topic.wireName(), partition), offsets[partition]);
            }
        });
        consumer.assign(new ArrayList<>(places.keySet()));
        places.forEach(consumer::seek);
        return consumer;
    }

    /** For a person: the partitions with their last stable offset behind their end, hence with an open transaction. */
    List<String> openTransactions() throws InterruptedException {
        List<String> open = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            long[] stable = lastStableOffsets(topic);
            long[] ends = endOffsets(topic);
            for (int partition = 0; partition < ends.length; partition++) {
                if (stable[partition] < ends[partition]) {
                    open.add("%s, partition %d: committed up to offset %d of %d"
                            .formatted(topic.wireName(), partition, stable[partition], ends[partition]));
                }
            }
        }
        return open.stream().collect(Collectors.toUnmodifiableList());
    }

    @Override
    public void close() {
        admin.close();
    }
}
