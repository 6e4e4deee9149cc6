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
    private final Map<String, Map<TopicPartition, ScannedRange>> scannedByGroup = new HashMap<>();
    private Consumer<byte[], byte[]> consumer;

    UnreadRecords(KafkaClients kafka) {
        this.kafka = kafka;
    }

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
        var scanned = scannedByGroup.computeIfAbsent(group, id -> new HashMap<>());
        Set<TopicPartition> incomplete = new HashSet<>();
        ranges.forEach((partition, range) -> {
            ScannedRange cached = scanned.get(partition);
            if (cached == null || !cached.covers(range.from())) {
                cached = new ScannedRange(range.from(), range.from(), false);
                scanned.put(partition, cached);
            }
            if (!cached.isCompleteUpTo(range.to())) {
                incomplete.add(partition);
            }
        });
        if (!incomplete.isEmpty()) {
            scan(incomplete, ranges, scanned);
        }
        Map<TopicPartition, Long> first = new HashMap<>();
        ranges.forEach((partition, range) -> first.put(
                partition, Math.min(range.to(), scanned.get(partition).to())));
        return first;
    }

    private void scan(
            Set<TopicPartition> incomplete,
            Map<TopicPartition, Range> ranges,
            Map<TopicPartition, ScannedRange> scanned) {
        try {
            if (consumer == null) {
                consumer = kafka.createConsumer("query-api-lag", FETCH_BYTES);
            }
            consumer.assign(incomplete);
            // Partitions that stay assigned are still paused from the previous scan.
            consumer.resume(incomplete);
            incomplete.forEach(partition ->
                    consumer.seek(partition, scanned.get(partition).to()));
            Deadline deadline = Deadline.in(SCAN_TIMEOUT);
            while (!incomplete.isEmpty() && !deadline.expired()) {
                var records = consumer.poll(Duration.ofMillis(100));
                for (TopicPartition partition : Set.copyOf(incomplete)) {
                    var found = records.records(partition);
                    long to = found.isEmpty()
                            ? consumer.position(partition)
                            : found.getFirst().offset();
                    long from = scanned.get(partition).from();
                    ScannedRange extended = new ScannedRange(from, to, !found.isEmpty());
                    scanned.put(partition, extended);
                    if (extended.isCompleteUpTo(ranges.get(partition).to())) {
                        incomplete.remove(partition);
                        consumer.pause(Set.of(partition));
                    }
                }
            }
        } catch (KafkaException e) {
            close();
            throw KafkaClients.unavailable(e);
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
