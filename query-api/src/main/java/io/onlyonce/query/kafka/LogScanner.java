package io.onlyonce.query.kafka;

import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Finds the records of backlogs. Not thread-safe. */
final class LogScanner implements AutoCloseable {
    /** Limits one scan. The next scan continues at the position that this scan reached. */
    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private static final int PARTITION_FETCH_BYTES = 64 * 1024;
    private static final int FETCH_BYTES = 1024 * 1024;

    private final KafkaClients kafka;
    private final IsolationLevel isolation;
    private Consumer<byte[], byte[]> consumer;

    LogScanner(KafkaClients kafka, IsolationLevel isolation) {
        this.kafka = kafka;
        this.isolation = isolation;
    }

    /** Scans the backlogs that are not scanned completely, within the timeout. */
    void scan(Map<TopicPartition, Backlog> backlogs) {
        Map<TopicPartition, Backlog> incomplete = backlogs.entrySet().stream()
                .filter(entry -> !entry.getValue().isScanned())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        if (incomplete.isEmpty()) {
            return;
        }
        boolean completed = false;
        try {
            read(incomplete);
            completed = true;
        } catch (KafkaException e) {
            throw kafka.unavailable(e);
        } finally {
            if (!completed) {
                // After an Error, the state of the consumer is unknown.
                close();
            }
        }
    }

    private void read(Map<TopicPartition, Backlog> incomplete) {
        if (consumer == null) {
            consumer = kafka.createConsumer("query-api-lag", isolation, PARTITION_FETCH_BYTES, FETCH_BYTES);
        }
        consumer.assign(incomplete.keySet());
        // Partitions that stay assigned are still paused from the previous scan.
        consumer.resume(incomplete.keySet());
        incomplete.forEach((partition, backlog) -> consumer.seek(partition, backlog.scannedTo()));
        Deadline deadline = Deadline.in(TIMEOUT);
        while (!incomplete.isEmpty() && !deadline.expired()) {
            var records = consumer.poll(Duration.ofMillis(100));
            for (TopicPartition partition : Set.copyOf(incomplete.keySet())) {
                Backlog backlog = incomplete.get(partition);
                for (ConsumerRecord<byte[], byte[]> record : records.records(partition)) {
                    backlog.addRecord(record.offset(), record.timestamp());
                }
                backlog.scannedTo(consumer.position(partition));
                if (backlog.isScanned()) {
                    incomplete.remove(partition);
                    consumer.pause(Set.of(partition));
                }
            }
        }
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
            consumer = null;
        }
    }
}
