package io.onlyonce.bench.stream;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The broker between two contenders: how far one has come, and the traces of the one before removed. */
final class Broker implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** A contender whose position does not move for so long does not work. */
    private static final Duration STANDSTILL = Duration.ofSeconds(60);

    private final Admin admin;

    Broker(String bootstrapServers) {
        admin = Admin.create(Map.<String, Object>of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    /**
     * Records a second that a group gets through, by its committed position in {@code orders}: what is committed is done.
     * The first third is its warm-up and not counted.
     *
     * @param check throws where the contender has ended
     * @throws TimeoutException where it stands still
     */
    double rate(String group, Runnable check) throws Exception {
        long total =
                ends(Topics.ORDERS).values().stream().mapToLong(Long::longValue).sum();
        long warm = total / 3;
        long startedAt = 0;
        long startedWith = 0;
        long done = 0;
        long movedAt = System.nanoTime();
        while (done < total) {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            long now = System.nanoTime();
            check.run();
            long position = position(group);
            if (position > done) {
                movedAt = now;
            } else if (now - movedAt > STANDSTILL.toNanos()) {
                throw new TimeoutException("%s stands at %,d of %,d".formatted(group, position, total));
            }
            done = position;
            if (startedAt == 0 && done >= warm) {
                startedAt = now;
                startedWith = done;
            }
        }
        return (done - startedWith) / ((System.nanoTime() - startedAt) / 1e9);
    }

    private long position(String group) throws Exception {
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

    /** As after a fresh start, but for what is in {@code orders}. The contender must have ended. */
    void forget(String group) throws Exception {
        try {
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            // Those that were killed and had no static id: the group forgets them when it is deleted, or by itself.
        }
        try {
            admin.deleteConsumerGroups(List.of(group)).all().get();
        } catch (ExecutionException e) {
            // It is still waiting for its dead members; who comes next has another name.
        }
        List<String> changelogs = admin.listTopics().names().get().stream()
                .filter(name -> name.endsWith("-changelog"))
                .toList();
        delete(changelogs);
        empty(List.of(Topics.PROCESSED, Topics.DUPLICATES, Topics.DEAD_LETTERS));
    }

    private void delete(List<String> topics) throws Exception {
        admin.deleteTopics(topics).all().get();
        while (admin.listTopics().names().get().stream().anyMatch(topics::contains)) {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        }
    }

    void empty(List<String> topics) throws Exception {
        Map<TopicPartition, RecordsToDelete> all = new HashMap<>();
        for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
            topic.partitions()
                    .forEach(partition -> all.put(
                            new TopicPartition(topic.name(), partition.partition()), RecordsToDelete.beforeOffset(-1)));
        }
        try {
            admin.deleteRecords(all).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw e;
            }
        }
    }

    /** The topic behind a memory, as the shipped stream itself would make it. */
    void createChangelog(String name) throws Exception {
        Map<String, String> config = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                "compact,delete",
                TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                "LogAppendTime",
                TopicConfig.SEGMENT_BYTES_CONFIG,
                Integer.toString(64 * 1024 * 1024),
                TopicConfig.SEGMENT_MS_CONFIG,
                Long.toString(Duration.ofHours(6).toMillis()));
        TopicSetup.create(admin, List.of(new NewTopic(name, Topics.DEFAULT_PARTITIONS, (short) 1).configs(config)));
    }

    /** Bytes on disk, all partitions together. */
    long bytes(String topic) throws Exception {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1).values().stream()
                .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                .filter(entry -> entry.getKey().topic().equals(topic))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    Map<TopicPartition, Long> ends(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> latest =
                admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                        .collect(Collectors.toMap(
                                partition -> new TopicPartition(topic, partition.partition()),
                                partition -> OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> found =
                admin.listOffsets(latest).all().get();
        return found.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    @Override
    public void close() {
        admin.close();
    }
}
