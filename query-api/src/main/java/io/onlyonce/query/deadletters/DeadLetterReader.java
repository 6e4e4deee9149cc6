package io.onlyonce.query.deadletters;

import io.onlyonce.model.Topics;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/** Reads committed dead letters, the newest first. */
@Component
final class DeadLetterReader {
    static final List<String> TOPICS = Stream.concat(Stream.of(Topics.DEAD_LETTERS), Topics.SINK_DEAD_LETTERS.stream())
            .toList();

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int PARTITION_FETCH_BYTES = 64 * 1024;
    private static final int FETCH_BYTES = 1024 * 1024;

    private final KafkaClients kafka;

    DeadLetterReader(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /**
     * @param letters the newest first
     * @param next the end of the next page in each partition, as an offset; empty for the last page
     */
    record Batch(List<DeadLetterSummary> letters, Map<TopicPartition, Long> next) {}

    /** The offsets of a partition from which a page is chosen. */
    private record Window(long logStart, long start, long end) {}

    /**
     * Returns the newest dead letters before the given offsets. A page is shorter than the limit if many transactions were
     * aborted.
     *
     * @param before the `next` of the previous page; empty for the first page
     * @throws UnavailableException if Kafka does not answer in time
     */
    Batch newest(int limit, Map<TopicPartition, Long> before) {
        Map<TopicPartition, Window> windows = new HashMap<>();
        kafka.offsets(kafka.partitions(TOPICS::contains)).forEach((partition, log) -> {
            long end = Math.min(before.getOrDefault(partition, Long.MAX_VALUE), log.lastStable());
            // A transaction marker can follow each record.
            windows.put(partition, new Window(log.logStart(), Math.max(log.logStart(), end - 2L * limit), end));
        });
        List<DeadLetterSummary> found = new ArrayList<>();
        read(windows, record -> found.add(DeadLetterSummary.of(record)));
        found.sort(Comparator.comparing(DeadLetterSummary::at)
                .thenComparing(DeadLetterSummary::offset)
                .reversed());
        List<DeadLetterSummary> letters = found.stream().limit(limit).toList();
        return new Batch(letters, next(windows, found, letters));
    }

    private static Map<TopicPartition, Long> next(
            Map<TopicPartition, Window> windows, List<DeadLetterSummary> found, List<DeadLetterSummary> letters) {
        Set<TopicPartition> withRecords = new HashSet<>();
        found.forEach(letter -> withRecords.add(letter.topicPartition()));
        Map<TopicPartition, Long> next =
                new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
        windows.forEach((partition, window) ->
                next.put(partition, withRecords.contains(partition) ? window.end() : window.start()));
        letters.forEach(letter -> next.merge(letter.topicPartition(), letter.offset(), Math::min));
        boolean complete = next.entrySet().stream()
                .allMatch(end -> end.getValue() <= windows.get(end.getKey()).logStart());
        return complete ? Map.of() : next;
    }

    /** Returns the committed dead letter at the offset. */
    Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>(1);
        kafka.offsets(partition)
                .filter(log -> log.contains(offset))
                .ifPresent(log -> read(Map.of(partition, new Window(log.logStart(), offset, offset + 1)), found::add));
        return found.stream().findFirst();
    }

    private void read(Map<TopicPartition, Window> windows, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        Map<TopicPartition, Window> remaining = new HashMap<>(windows);
        remaining.values().removeIf(window -> window.start() >= window.end());
        if (remaining.isEmpty()) {
            return;
        }
        Deadline deadline = Deadline.in(TIMEOUT);
        try (var consumer = kafka.createConsumer("query-api-dead-letters", PARTITION_FETCH_BYTES, FETCH_BYTES)) {
            consumer.assign(remaining.keySet());
            remaining.forEach((partition, window) -> consumer.seek(partition, window.start()));
            while (!remaining.isEmpty()) {
                if (deadline.expired()) {
                    throw new UnavailableException(
                            "Reading the dead letters took longer than %d s. Choose a smaller limit"
                                    .formatted(TIMEOUT.toSeconds()));
                }
                var records = consumer.poll(Duration.ofMillis(100));
                for (TopicPartition partition : Set.copyOf(remaining.keySet())) {
                    long end = remaining.get(partition).end();
                    records.records(partition).stream()
                            .filter(record -> record.offset() < end)
                            .forEach(visitor);
                    if (consumer.position(partition) >= end) {
                        remaining.remove(partition);
                        consumer.pause(Set.of(partition));
                    }
                }
            }
        } catch (KafkaException e) {
            throw kafka.unavailable(e);
        }
    }
}
