package io.onlyonce.bench.stream;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Measures a candidate by its committed offsets, and resets the broker before the next candidate. */
final class StreamBroker implements AutoCloseable {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    /** A candidate whose committed offsets do not change for this time has failed. */
    private static final Duration STALL_TIMEOUT = Duration.ofSeconds(60);

    private final Admin admin;

    StreamBroker(String bootstrapServers) {
        admin = Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /**
     * Waits until a group has processed all records of {@code orders}, and measures its rate by its committed offsets. The
     * first third of the records is the warm-up, and is not measured.
     *
     * @param check throws an exception if the candidate has ended
     * @return records per second
     * @throws TimeoutException if the committed offsets stop changing
     */
    double rate(String group, Runnable check) throws Exception {
        long total = recordsInOrders();
        long warmUp = total / 3;
        long startNanos = 0;
        long startCount = 0;
        long processed = 0;
        long progressNanos = System.nanoTime();
        while (processed < total) {
            Thread.sleep(POLL_INTERVAL);
            long now = System.nanoTime();
            check.run();
            long committed = committedRecords(group);
            if (committed > processed) {
                progressNanos = now;
            } else if (now - progressNanos > STALL_TIMEOUT.toNanos()) {
                throw new TimeoutException("%s has stalled at %,d of %,d".formatted(group, committed, total));
            }
            processed = committed;
            if (startNanos == 0 && processed >= warmUp) {
                startNanos = now;
                startCount = processed;
            }
        }
        return (processed - startCount) / ((System.nanoTime() - startNanos) / 1e9);
    }

    private long recordsInOrders() throws ExecutionException, InterruptedException {
        return admin.listOffsets(forPartitions(OffsetSpec.latest(), Topics.ORDERS)).all().get().values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    private long committedRecords(String group) throws ExecutionException, InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                    .filter(entry -> entry.getKey().topic().equals(Topics.ORDERS) && entry.getValue() != null)
                    .mapToLong(entry -> entry.getValue().offset())
                    .sum();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return 0;
            }
            throw e;
        }
    }

    /** Deletes the group, its changelogs and its output, but keeps {@code orders}. The candidate must have ended. */
    void reset(String group) throws ExecutionException, InterruptedException {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            // Fails for killed members without a static id. They end with their session timeout or with the group.
        }
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
            // Fails while the group has dead members. That has no effect, because the next candidate has another group.
        }
        List<String> changelogs = admin.listTopics().names().get().stream()
                .filter(name -> name.endsWith("-changelog"))
                .toList();
        admin.deleteTopics(changelogs).all().get();
        while (admin.listTopics().names().get().stream().anyMatch(changelogs::contains)) {
            Thread.sleep(POLL_INTERVAL);
        }
        RecordsToDelete all = RecordsToDelete.beforeOffset(-1);
        try {
            admin.deleteRecords(forPartitions(all, Topics.PROCESSED, Topics.DUPLICATES, Topics.DEAD_LETTERS))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    /** Returns the size of a topic on disk in bytes. */
    long topicBytes(String topic) throws ExecutionException, InterruptedException {
        int brokerId = 1;
        return admin.describeLogDirs(List.of(brokerId)).allDescriptions().get().get(brokerId).values().stream()
                .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                .filter(entry -> entry.getKey().topic().equals(topic))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    private <T> Map<TopicPartition, T> forPartitions(T value, String... topics)
            throws ExecutionException, InterruptedException {
        return admin.describeTopics(List.of(topics)).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .collect(Collectors.toMap(Function.identity(), _ -> value));
    }

    @Override
    public void close() {
        admin.close();
    }
}
