package io.onlyonce.query.kafka;

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
 * Finds the first record that a group has still to read. The offsets alone do not tell: behind the committed offset may
 * stand nothing but transaction markers and aborted records, which no reader of committed data will ever be given.
 *
 * <p>So it looks, once for each stretch of the log, and remembers what it saw. Not safe for threads.
 */
@Component
final class UnreadRecords {
    /** Markers and aborted records are skipped at the speed of the log; what is not reached now is reached next time. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private static final int FETCH_BYTES = 64 * 1024;

    private final KafkaAccess kafka;
    private final Map<Position, Stretch> seen = new HashMap<>();
    private Consumer<byte[], byte[]> consumer;

    UnreadRecords(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    /** Where a group stands in a partition. */
    private record Position(String group, TopicPartition partition) {}

    /** There is no record from `from` up to `to`; where `record` is true, there is one at `to`. */
    private record Stretch(long from, long to, boolean record) {
        boolean covers(long offset) {
            return from <= offset && offset <= to;
        }

        boolean decides(long end) {
            return record || to >= end;
        }
    }

    /** @param from the next offset the group will read, `to` the last stable offset */
    record Range(long from, long to) {}

    /**
     * @return for each partition the offset of the first record in its range, or the range's end where there is none
     */
    Map<TopicPartition, Long> first(String group, Map<TopicPartition, Range> ranges) {
        Map<TopicPartition, Range> unknown = new HashMap<>(ranges);
        unknown.entrySet()
                .removeIf(
                        entry -> stretch(group, entry.getKey(), entry.getValue().from())
                                .decides(entry.getValue().to()));
        if (!unknown.isEmpty()) {
            look(group, unknown);
        }
        Map<TopicPartition, Long> first = new HashMap<>();
        ranges.forEach((partition, range) -> first.put(
                partition,
                Math.min(range.to(), stretch(group, partition, range.from()).to())));
        return first;
    }

    /** What is known from the offset on: at least that it is where the looking starts. */
    private Stretch stretch(String group, TopicPartition partition, long from) {
        Stretch known = seen.get(new Position(group, partition));
        return known != null && known.covers(from) ? known : new Stretch(from, from, false);
    }

    private void look(String group, Map<TopicPartition, Range> unknown) {
        try {
            if (consumer == null) {
                consumer = kafka.committedRecords("query-api-lag", FETCH_BYTES);
            }
            consumer.assign(unknown.keySet());
            // A partition that was assigned before is still paused.
            consumer.resume(unknown.keySet());
            unknown.forEach((partition, range) -> consumer.seek(
                    partition, stretch(group, partition, range.from()).to()));
            poll(group, unknown);
        } catch (KafkaException e) {
            close();
            throw KafkaAccess.unavailable(e);
        }
    }

    private void poll(String group, Map<TopicPartition, Range> unknown) {
        Set<TopicPartition> open = new HashSet<>(unknown.keySet());
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!open.isEmpty() && System.nanoTime() < deadline) {
            var records = consumer.poll(Duration.ofMillis(100));
            for (TopicPartition partition : Set.copyOf(open)) {
                Range range = unknown.get(partition);
                var found = records.records(partition);
                long to = found.isEmpty()
                        ? consumer.position(partition)
                        : found.stream().mapToLong(ConsumerRecord::offset).min().orElseThrow();
                Stretch before = stretch(group, partition, range.from());
                Stretch now = new Stretch(before.from(), to, !found.isEmpty());
                seen.put(new Position(group, partition), now);
                if (now.decides(range.to())) {
                    open.remove(partition);
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
