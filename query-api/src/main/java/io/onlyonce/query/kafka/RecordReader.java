package io.onlyonce.query.kafka;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

    public record Position(TopicPartition partition, long offset) {
        public static Position of(ConsumerRecord<?, ?> record) {
            return new Position(new TopicPartition(record.topic(), record.partition()), record.offset());
        }
    }

    /**
     * Returns the committed record at the position. Empty if retention has deleted it, if it is not committed, or if there is
     * a transaction marker.
     *
     * @throws UnavailableException if Kafka does not answer in time
     */
    public Optional<ConsumerRecord<byte[], byte[]>> find(Position position) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>(1);
        read(List.of(position), found::add);
        return found.stream().findFirst();
    }

    /**
     * Calls the visitor with the committed record at each position that has one.
     *
     * @throws UnavailableException if Kafka does not answer in time
     */
    public void read(
            Collection<Position> positions, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        Set<String> topics =
                positions.stream().map(position -> position.partition().topic()).collect(Collectors.toSet());
        Map<TopicPartition, PartitionOffsets> logs = kafka.offsets(kafka.partitions(topics::contains));
        try (Reading reading = new Reading()) {
            for (Position position : positions) {
                PartitionOffsets log = logs.get(position.partition());
                if (log != null && log.contains(position.offset())) {
                    Window window = new Window(position.offset(), position.offset() + 1);
                    reading.read(Map.of(position.partition(), window), visitor);
                }
            }
        }
    }

    /**
     * Calls the visitor with each committed record of the windows.
     *
     * @throws UnavailableException if Kafka does not answer in time
     */
    public void read(
            Map<TopicPartition, Window> windows, java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        try (Reading reading = new Reading()) {
            reading.read(windows, visitor);
        }
    }

    /** A consumer with a time limit for all reads. */
    private final class Reading implements AutoCloseable {
        private final Deadline deadline = Deadline.in(TIMEOUT);
        private final Consumer<byte[], byte[]> consumer =
                kafka.createConsumer("query-api-records", PARTITION_FETCH_BYTES, FETCH_BYTES);

        void read(
                Map<TopicPartition, Window> windows,
                java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
            Map<TopicPartition, Window> remaining = new HashMap<>(windows);
            remaining.values().removeIf(Window::isEmpty);
            try {
                consumer.assign(remaining.keySet());
                // A partition that stays assigned is still paused.
                consumer.resume(remaining.keySet());
                remaining.forEach((partition, window) -> consumer.seek(partition, window.start()));
                while (!remaining.isEmpty()) {
                    if (deadline.expired()) {
                        throw new UnavailableException(
                                "Kafka did not send the records within %d s".formatted(TIMEOUT.toSeconds()));
                    }
                    poll(remaining, visitor);
                }
            } catch (KafkaException e) {
                throw kafka.unavailable(e);
            }
        }

        private void poll(
                Map<TopicPartition, Window> remaining,
                java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
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

        @Override
        public void close() {
            consumer.close();
        }
    }
}
