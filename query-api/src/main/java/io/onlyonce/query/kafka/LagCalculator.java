package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.query.UnavailableException;
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
 * Calculates the lag of the consumer groups against the last stable offset. Uses only data of the broker, so that the
 * result is correct even if a group has no live member. Thread-safe.
 */
@Component
final class LagCalculator {
    private static final int LOCK_TIMEOUT_SECONDS = 5;

    private final KafkaClients kafka;
    private final ConsumerGroups groups;
    private final UnreadRecords unread;
    /** Protects `unread`, which is not thread-safe. */
    private final ReentrantLock lock = new ReentrantLock(true);

    LagCalculator(KafkaClients kafka, ConsumerGroups groups, UnreadRecords unread) {
        this.kafka = kafka;
        this.groups = groups;
        this.unread = unread;
    }

    record GroupLag(String consumerGroup, long totalLag, List<PartitionLag> partitions) {
        GroupLag(String consumerGroup, List<PartitionLag> partitions) {
            this(consumerGroup, partitions.stream().mapToLong(PartitionLag::lag).sum(), partitions);
        }
    }

    /**
     * @param committedOffset the next offset that the group reads; null if the group has not committed an offset and
     *     therefore starts at the beginning of the log
     * @param lag number of offsets from the first unread record to the last stable offset; 0 if only transaction
     *     markers and aborted records remain
     */
    record PartitionLag(
            String topic, int partition, Long committedOffset, long logStartOffset, long lastStableOffset, long lag) {}

    List<GroupLag> calculate() {
        try {
            if (!lock.tryLock(LOCK_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new UnavailableException(
                        "Kafka does not answer: another calculation of the lag is still running");
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
        try {
            return calculateLocked();
        } finally {
            lock.unlock();
        }
    }

    private List<GroupLag> calculateLocked() {
        var topics = kafka.topics();
        // Reads the committed offsets before the log offsets: otherwise, an active group could appear to be ahead of
        // the log.
        Map<String, Map<TopicPartition, Long>> committed = new LinkedHashMap<>();
        Map<String, Collection<TopicPartition>> partitionsByGroup = new HashMap<>();
        groups.topicsByGroup().forEach((group, subscribed) -> {
            var offsets = kafka.committedOffsets(group);
            offsets.keySet().removeIf(partition -> !topics.containsKey(partition.topic()));
            var partitions = new TreeSet<>(comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
            partitions.addAll(offsets.keySet());
            subscribed.map(topics::get).map(KafkaClients::partitions).ifPresent(partitions::addAll);
            committed.put(group, offsets);
            partitionsByGroup.put(group, partitions);
        });
        var logs = kafka.offsets(partitionsByGroup.values().stream()
                .flatMap(Collection::stream)
                .distinct()
                .toList());
        List<GroupLag> lags = new ArrayList<>();
        committed.forEach((group, offsets) -> lags.add(lag(group, partitionsByGroup.get(group), offsets, logs)));
        return lags;
    }

    private GroupLag lag(
            String group,
            Collection<TopicPartition> partitions,
            Map<TopicPartition, Long> committed,
            Map<TopicPartition, PartitionOffsets> logs) {
        Map<TopicPartition, Range> unreadRanges = new HashMap<>();
        for (TopicPartition partition : partitions) {
            PartitionOffsets log = logs.get(partition);
            long next = Math.max(committed.getOrDefault(partition, 0L), log.logStart());
            if (next < log.lastStable()) {
                unreadRanges.put(partition, new Range(next, log.lastStable()));
            }
        }
        var firstUnread = unread.findFirst(group, unreadRanges);
        List<PartitionLag> lags = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            PartitionOffsets log = logs.get(partition);
            lags.add(new PartitionLag(
                    partition.topic(),
                    partition.partition(),
                    committed.get(partition),
                    log.logStart(),
                    log.lastStable(),
                    log.lastStable() - firstUnread.getOrDefault(partition, log.lastStable())));
        }
        return new GroupLag(group, lags);
    }
}
