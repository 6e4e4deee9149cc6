package io.onlyonce.query.kafka;

import io.onlyonce.model.time.Deadline;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/**
 * Finds the first record that a group has not read. Offsets alone are not sufficient: only transaction markers and
 * aborted records, which a consumer of committed records never receives, may follow the committed offset.
 *
 * <p>Scans each range of the log once and caches the result. Not thread-safe.
 */
@Component
final class UnreadRecords {
    /** Limits one scan. The next scan continues at the position that this scan reached. */
    private static final Duration SCAN_TIMEOUT = Duration.ofSeconds(1);

    private static final int FETCH_BYTES = 64 * 1024;

    private final KafkaClients kafka;
    private final Map<GroupPartition, ScannedRange> scanned = new HashMap<>();
    private Consumer<byte[], byte[]> consumer;

    UnreadRecords(KafkaClients kafka) {
        this.kafka = kafka;
    }

    private record GroupPartition(String group, TopicPartition partition) {}

    /** A range without records up to `to` (exclusive). If `recordAtEnd` is true, a record has the offset `to`. */
    private record ScannedRange(long from, long to, boolean recordAtEnd) {
        boolean covers(long offset) {
            return from <= offset && offset <= to;
        }

        boolean isCompleteUpTo(long end) {
            return recordAtEnd || to >= end;
        }
    }

    /**
     * @param from the next offset that the group reads
     * @param to the last stable offset
     */
    record Range(long from, long to) {}

    /** Returns the offset of the first record in each range, or the end of the range if it contains no record. */
    Map<TopicPartition, Long> findFirst(String group, Map<TopicPartition, Range> ranges) {
        Map<TopicPartition, Range> incomplete = new HashMap<>();
        ranges.forEach((partition, range) -> {
            if (!scannedRange(group, partition, range).isCompleteUpTo(range.to())) {
                incomplete.put(partition, range);
            }
        });
        if (!incomplete.isEmpty()) {
            scan(group, incomplete);
        }
        Map<TopicPartition, Long> first = new HashMap<>();
        ranges.forEach((partition, range) -> first.put(
                partition,
                Math.min(range.to(), scannedRange(group, partition, range).to())));
        return first;
    }

    private ScannedRange scannedRange(String group, TopicPartition partition, Range range) {
        ScannedRange cached = scanned.get(new GroupPartition(group, partition));
        return cached != null && cached.covers(range.from())
                ? cached
                : new ScannedRange(range.from(), range.from(), false);
    }

    private void scan(String group, Map<TopicPartition, Range> ranges) {
        try {
            if (consumer == null) {
                consumer = kafka.createConsumer("query-api-lag", FETCH_BYTES);
            }
            consumer.assign(ranges.keySet());
            // Partitions that stay assigned are still paused from the previous scan.
            consumer.resume(ranges.keySet());
            ranges.forEach((partition, range) -> consumer.seek(
                    partition, scannedRange(group, partition, range).to()));
            poll(group, ranges);
        } catch (KafkaException e) {
            close();
            throw KafkaClients.unavailable(e);
        }
    }

    private void poll(String group, Map<TopicPartition, Range> ranges) {
        Set<TopicPartition> incomplete = new HashSet<>(ranges.keySet());
        Deadline deadline = Deadline.in(SCAN_TIMEOUT);
        while (!incomplete.isEmpty() && !deadline.expired()) {
            var records = consumer.poll(Duration.ofMillis(100));
            for (TopicPartition partition : Set.copyOf(incomplete)) {
                Range range = ranges.get(partition);
                var found = records.records(partition);
                long to = found.stream()
                        .mapToLong(ConsumerRecord::offset)
                        .min()
                        .orElseGet(() -> consumer.position(partition));
                long from = scannedRange(group, partition, range).from();
                ScannedRange extended = new ScannedRange(from, to, !found.isEmpty());
                scanned.put(new GroupPartition(group, partition), extended);
                if (extended.isCompleteUpTo(range.to())) {
                    incomplete.remove(partition);
                    consumer.pause(Set.of(partition));
                }
            }
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
