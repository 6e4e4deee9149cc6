package io.onlyonce.query.deadletters;

import io.onlyonce.model.Topics;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.kafka.RecordReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/** Reads committed dead letters, the newest first. */
@Component
final class DeadLetterReader {
    static final List<String> TOPICS = Stream.concat(Stream.of(Topics.DEAD_LETTERS), Topics.SINK_DEAD_LETTERS.stream())
            .toList();

    private final KafkaClients kafka;
    private final RecordReader records;

    DeadLetterReader(KafkaClients kafka, RecordReader records) {
        this.kafka = kafka;
        this.records = records;
    }

    /**
     * @param letters the newest first
     * @param next the end offset (exclusive) of the next page in each partition; empty for the last page
     */
    record Batch(List<DeadLetterSummary> letters, Map<TopicPartition, Long> next) {}

    /** The offsets of a partition that are read for a page: from start (inclusive) to end (exclusive). */
    private record Window(long logStart, long start, long end) {}

    /**
     * Returns the newest dead letters before the given offsets. If transactions were aborted, the page can contain fewer dead
     * letters than the limit.
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
        Map<TopicPartition, RecordReader.Window> chosen = new HashMap<>();
        windows.forEach(
                (partition, window) -> chosen.put(partition, new RecordReader.Window(window.start(), window.end())));
        records.read(chosen, record -> found.add(DeadLetterSummary.of(record)));
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

    /** Returns the committed dead letter at the offset; empty if there is none. */
    Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset) {
        return records.find(new RecordReader.Position(partition, offset));
    }
}
