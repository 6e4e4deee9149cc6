package io.onlyonce.query.kafka;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/** Reads committed records at known offsets. */
@Component
public final class RecordReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int PARTITION_FETCH_BYTES = 64 * 1024;
    private static final int FETCH_BYTES = 1024 * 1024;

    private final KafkaClients kafka;

    RecordReader(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /** The offsets of a partition from start (inclusive) to end (exclusive). All must be in the log. */
    public record Window(long start, long end) {
        boolean isEmpty() {
            return start >= end;
        }
    }

    /**
     * Returns the committed record at the offset. Empty if retention has deleted it, if it is not committed, or if there is
     * a transaction marker at the offset.
     *
     * @throws UnavailableException if Kafka does not answer in time
     */
    public Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>(1);
        kafka.offsets(partition)
                .filter(log -> log.contains(offset))
                .ifPresent(log -> read(Map.of(partition, new Window(offset, offset + 1)), found::add));
        return found.stream().findFirst();
    }

    /**
     * Calls the visitor with each committed record of the windows.
     *
     * @throws UnavailableException if Kafka does not answer in time
     */
    public void read(
            Map<TopicPartition, Window> windows, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        Map<TopicPartition, Window> remaining = new HashMap<>(windows);
        remaining.values().removeIf(Window::isEmpty);
        if (remaining.isEmpty()) {
            return;
        }
        Deadline deadline = Deadline.in(TIMEOUT);
        try (Consumer<byte[], byte[]> consumer =
                kafka.createConsumer("query-api-records", PARTITION_FETCH_BYTES, FETCH_BYTES)) {
            consumer.assign(remaining.keySet());
            remaining.forEach((partition, window) -> consumer.seek(partition, window.start()));
            while (!remaining.isEmpty()) {
                if (deadline.expired()) {
                    throw new UnavailableException("Reading the records took longer than %d s. Choose a smaller limit"
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
