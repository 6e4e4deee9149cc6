package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.GroupLag.PartitionLag;
import io.onlyonce.query.kafka.UnreadRecords.Range;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/**
 * The lag of the groups of the flow, from what the broker keeps: right whether or not a group has a live member. It is
 * counted against the last stable offset, as no reader of the flow sees further.
 */
@Component
final class Lag {
    private static final int WAIT_SECONDS = 5;

    private final KafkaAccess kafka;
    private final Groups groups;
    private final UnreadRecords unread;
    /** One consumer looks for all. */
    private final ReentrantLock looking = new ReentrantLock(true);

    Lag(KafkaAccess kafka, Groups groups, UnreadRecords unread) {
        this.kafka = kafka;
        this.groups = groups;
        this.unread = unread;
    }

    List<GroupLag> measure() {
        try {
            if (!looking.tryLock(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new UnavailableException("Kafka does not answer: the lag is still being looked up", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("The service is stopping", e);
        }
        try {
            return measureAlone();
        } finally {
            looking.unlock();
        }
    }

    private List<GroupLag> measureAlone() {
        var topics = kafka.topics();
        // The groups' offsets first: read the other way round, a group on the move would seem ahead of the log.
        Map<String, Map<TopicPartition, Long>> committed = new LinkedHashMap<>();
        Map<String, Collection<TopicPartition>> read = new HashMap<>();
        groups.topicsByGroup().forEach((group, subscribed) -> {
            var offsets = kafka.committed(group);
            offsets.keySet().removeIf(partition -> !topics.containsKey(partition.topic()));
            var partitions = new TreeSet<>(comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
            partitions.addAll(offsets.keySet());
            subscribed.stream()
                    .filter(topics::containsKey)
                    .forEach(topic -> partitions.addAll(KafkaAccess.partitions(topics.get(topic))));
            committed.put(group, offsets);
            read.put(group, partitions);
        });
        var logs = kafka.offsets(
                read.values().stream().flatMap(Collection::stream).distinct().toList());
        List<GroupLag> lags = new ArrayList<>();
        committed.forEach((group, offsets) -> lags.add(lag(group, read.get(group), offsets, logs)));
        return lags;
    }

    private GroupLag lag(
            String group,
            Collection<TopicPartition> partitions,
            Map<TopicPartition, Long> committed,
            Map<TopicPartition, PartitionOffsets> logs) {
        Map<TopicPartition, Range> behind = new HashMap<>();
        for (TopicPartition partition : partitions) {
            PartitionOffsets log = logs.get(partition);
            long next = Math.max(committed.getOrDefault(partition, 0L), log.logStart());
            if (next < log.lastStable()) {
                behind.put(partition, new Range(next, log.lastStable()));
            }
        }
        var first = behind.isEmpty() ? Map.<TopicPartition, Long>of() : unread.first(group, behind);
        return new GroupLag(
                group,
                partitions.stream()
                        .map(partition -> {
                            PartitionOffsets log = logs.get(partition);
                            return new PartitionLag(
                                    partition.topic(),
                                    partition.partition(),
                                    committed.get(partition),
                                    log.logStart(),
                                    log.lastStable(),
                                    log.lastStable() - first.getOrDefault(partition, log.lastStable()));
                        })
                        .toList());
    }
}
