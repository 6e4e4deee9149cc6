package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Calculates the lag of the consumer groups against the last stable offset. Uses only data of the broker, so that the
 * result is correct even if a group has no live member. Thread-safe.
 *
 * <p>Offsets alone are not sufficient: only transaction markers and aborted records, which a consumer of committed
 * records never receives, may follow the committed offset. Therefore, this class scans the log for the first unread
 * record. It scans each range of the log once and caches the result.
 */
@RestController
final class LagCalculator {
    private static final int LOCK_TIMEOUT_SECONDS = 5;

    /** Limits one scan. The next scan continues at the position that this scan reached. */
    private static final Duration SCAN_TIMEOUT = Duration.ofSeconds(1);

    private static final int FETCH_BYTES = 64 * 1024;

    private final KafkaClients kafka;
    private final KafkaController groups;
    /** Protects the following fields. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private final Map<String, Map<TopicPartition, ScannedRange>> scannedByGroup = new HashMap<>();
    private Consumer<byte[], byte[]> consumer;

    LagCalculator(KafkaClients kafka, KafkaController groups) {
        this.kafka = kafka;
        this.groups = groups;
    }

    record LagReport(long totalLag, List<GroupLag> consumerGroups) {}

    record GroupLag(String consumerGroup, long totalLag, List<PartitionLag> partitions) {}

    /**
     * @param committedOffset the next offset that the group reads; null if the group has not committed an offset and
     *     therefore starts at the beginning of the log
     * @param lag number of offsets from the first unread record to the last stable offset; 0 if only transaction
     *     markers and aborted records remain
     */
    record PartitionLag(
            String topic, int partition, Long committedOffset, long logStartOffset, long lastStableOffset, long lag) {}

    /** A range without records up to `to` (exclusive). If `recordAtEnd` is true, a record has the offset `to`. */
    private record ScannedRange(long from, long to, boolean recordAtEnd) {
        boolean covers(long offset) {
            return from <= offset && offset <= to;
        }

        boolean isCompleteUpTo(long end) {
            return recordAtEnd || to >= end;
        }
    }

    @GetMapping("/kafka/lag")
    @Operation(
            summary = "Returns the lag of each consumer group against the last stable offset. The lag is 0 if only "
                    + "transaction markers remain")
    LagReport calculate() {
        try {
            if (!lock.tryLock(LOCK_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw kafka.unavailable("another calculation of the lag is still running", null);
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
        try {
            var topics = kafka.topics();
            List<GroupLag> lags = new ArrayList<>();
            groups.topicsByGroup().forEach((group, topic) -> lags.add(lag(group, topic, topics)));
            return new LagReport(lags.stream().mapToLong(GroupLag::totalLag).sum(), lags);
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
        var scanned = scannedByGroup.computeIfAbsent(group, id -> new HashMap<>());
        Map<TopicPartition, Long> incomplete = new HashMap<>();
        logs.forEach((partition, log) -> {
            long next = Math.max(committed.getOrDefault(partition, 0L), log.logStart());
            ScannedRange range = scanned.get(partition);
            if (range == null || !range.covers(next)) {
                range = new ScannedRange(next, next, false);
                scanned.put(partition, range);
            }
            if (!range.isCompleteUpTo(log.lastStable())) {
                incomplete.put(partition, log.lastStable());
            }
        });
        if (!incomplete.isEmpty()) {
            scan(scanned, incomplete);
        }
        List<PartitionLag> lags = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            PartitionOffsets log = logs.get(partition);
            lags.add(new PartitionLag(
                    partition.topic(),
                    partition.partition(),
                    committed.get(partition),
                    log.logStart(),
                    log.lastStable(),
                    Math.max(0, log.lastStable() - scanned.get(partition).to())));
        }
        return new GroupLag(group, lags.stream().mapToLong(PartitionLag::lag).sum(), lags);
    }

    /** @param incomplete the last stable offset of each partition; the method removes the scanned partitions */
    private void scan(Map<TopicPartition, ScannedRange> scanned, Map<TopicPartition, Long> incomplete) {
        try {
            if (consumer == null) {
                consumer = kafka.createConsumer("query-api-lag", FETCH_BYTES);
            }
            consumer.assign(incomplete.keySet());
            // Partitions that stay assigned are still paused from the previous scan.
            consumer.resume(incomplete.keySet());
            for (TopicPartition partition : incomplete.keySet()) {
                consumer.seek(partition, scanned.get(partition).to());
            }
            Deadline deadline = Deadline.in(SCAN_TIMEOUT);
            while (!incomplete.isEmpty() && !deadline.expired()) {
                var records = consumer.poll(Duration.ofMillis(100));
                for (TopicPartition partition : Set.copyOf(incomplete.keySet())) {
                    var found = records.records(partition);
                    long to = found.isEmpty()
                            ? consumer.position(partition)
                            : found.getFirst().offset();
                    long from = scanned.get(partition).from();
                    ScannedRange extended = new ScannedRange(from, to, !found.isEmpty());
                    scanned.put(partition, extended);
                    if (extended.isCompleteUpTo(incomplete.get(partition))) {
                        incomplete.remove(partition);
                        consumer.pause(Set.of(partition));
                    }
                }
            }
        } catch (KafkaException e) {
            close();
            throw kafka.unavailable(e);
        }
    }

    @PreDestroy
    void close() {
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
            consumer = null;
        }
    }
}
