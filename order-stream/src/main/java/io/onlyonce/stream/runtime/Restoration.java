package io.onlyonce.stream.runtime;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The restoration of the dedup store from its changelog, by one Kafka Streams client. Thread-safe. */
final class Restoration implements StateRestoreListener {
    private static final Logger log = LoggerFactory.getLogger(Restoration.class);

    /** The number of records that are not restored yet, by partition of the changelog. */
    private final Map<TopicPartition, Long> remaining = new ConcurrentHashMap<>();

    /** Returns a description while the store is being restored. */
    Optional<String> progress() {
        long records = remaining.values().stream().mapToLong(Long::longValue).sum();
        return remaining.isEmpty()
                ? Optional.empty()
                : Optional.of("restoring the dedup store, about %d records remaining in %d partitions"
                        .formatted(records, remaining.size()));
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
        remaining.put(partition, end - start);
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long batchEnd, long restored) {
        remaining.computeIfPresent(partition, (_, records) -> Math.max(0, records - restored));
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long restored) {
        remaining.remove(partition);
        log.info("Dedup store restored partition={} records={}", partition.partition(), restored);
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long restored) {
        remaining.remove(partition);
    }
}
