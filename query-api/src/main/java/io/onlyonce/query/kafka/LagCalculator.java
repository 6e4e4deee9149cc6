package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.UnreadRecords.Range;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.TopicDescription;
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
    private final KafkaGroups groups;
    private final UnreadRecords unread;
    /** Protects `unread`, which is not thread-safe. */
    private final ReentrantLock lock = new ReentrantLock(true);

    LagCalculator(KafkaClients kafka, KafkaGroups groups, UnreadRecords unread) {
        this.kafka = kafka;
        this.groups = groups;
        this.unread = unread;
    }

    record GroupLag(String consumerGroup, long totalLag, List<PartitionLag> partitions) {}

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
            var topics = kafka.topics();
            List<GroupLag> lags = new ArrayList<>();
            groups.topicsByGroup().forEach((group, topic) -> lags.add(lag(group, topic, topics)));
            return lags;
        } finally {
            lock.unlock();
        }
    }

    private GroupLag lag(String group, Optional<String> subscribed, Map<String, TopicDescription> topics) {
        // Reads the committed offsets before the log offsets: otherwise, a group could appear to be ahead of the log.
        var committed = kafka.committedOffsets(group);
        var partitions = new TreeSet<>(comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
        partitions.addAll(committed.keySet());
        partitions.removeIf(partition -> !topics.containsKey(partition.topic()));
        subscribed.map(topics::get).map(KafkaClients::partitions).ifPresent(partitions::addAll);
        var logs = kafka.offsets(partitions);
        Map<TopicPartition, Range> unreadRanges = new HashMap<>();
        logs.forEach((partition, log) -> {
            long next = Math.max(committed.getOrDefault(partition, 0L), log.logStart());
            if (next < log.lastStable()) {
                unreadRanges.put(partition, new Range(next, log.lastStable()));
            }
        });
        var firstUnread = unread.findFirst(group, unreadRanges);
        List<PartitionLag> lags = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            PartitionOffsets log = logs.get(partition);
            long lag = log.lastStable() - firstUnread.getOrDefault(partition, log.lastStable());
            lags.add(new PartitionLag(
                    partition.topic(),
                    partition.partition(),
                    committed.get(partition),
                    log.logStart(),
                    log.lastStable(),
                    lag));
        }
        return new GroupLag(group, lags.stream().mapToLong(PartitionLag::lag).sum(), lags);
    }
}
