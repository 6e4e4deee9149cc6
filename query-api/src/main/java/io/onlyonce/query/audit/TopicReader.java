package io.onlyonce.query.audit;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the offsets and the committed records of topics. Each audit has its own reader. Not thread-safe. */
final class TopicReader {
    private static final Logger log = LoggerFactory.getLogger(TopicReader.class);

    /** The consumer buffers one fetch of each partition. */
    private static final int PARTITION_FETCH_BYTES = 512 * 1024;

    private static final int FETCH_BYTES = 2 * 1024 * 1024;
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    /** Longer than the restart of a broker. */
    private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(30);

    /** Longer than the transaction timeout of a dead stream. */
    private static final Duration OPEN_TRANSACTION_TIMEOUT = Duration.ofSeconds(60);

    private final KafkaClients kafka;
    private final Runnable check;
    private final Map<String, List<TopicPartition>> partitions = new HashMap<>();

    /** @param check throws an exception if the audit must end; called repeatedly */
    TopicReader(KafkaClients kafka, Runnable check) {
        this.kafka = kafka;
        this.check = check;
    }

    /** Returns the current offsets, ordered by partition. */
    Map<Integer, PartitionOffsets> offsets(String topic) {
        Map<Integer, PartitionOffsets> offsets = new TreeMap<>();
        kafka.offsets(partitions.computeIfAbsent(topic, name -> kafka.partitions(name::equals)))
                .forEach((partition, log) -> offsets.put(partition.partition(), log));
        return offsets;
    }

    Map<Integer, Long> offsets(String topic, ToLongFunction<PartitionOffsets> offset) {
        return offsets(topic).entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> offset.applyAsLong(entry.getValue())));
    }

    /**
     * Returns the current ends of the topic after all transactions that are open now have ended. The committed offsets
     * of a transaction can become visible before its records do, which would then appear to be missing.
     */
    Map<Integer, Long> stableEnds(String topic) {
        Map<Integer, Long> ends = offsets(topic, PartitionOffsets::end);
        try {
            boolean stable = Deadline.in(OPEN_TRANSACTION_TIMEOUT).await(POLL_INTERVAL, () -> {
                check.run();
                return offsets(topic).entrySet().stream()
                        .allMatch(entry -> entry.getValue().lastStable() >= ends.get(entry.getKey()));
            });
            if (!stable) {
                throw new UnavailableException(
                        "A transaction in %s has been open for %d s: the records after it cannot be audited"
                                .formatted(topic, OPEN_TRANSACTION_TIMEOUT.toSeconds()));
            }
            return ends;
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    /**
     * Reads the committed records from the log start up to the given ends.
     *
     * @param ends at most the last stable offsets, because the consumer does not read further
     */
    void read(String topic, Map<Integer, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        var starts = offsets(topic, PartitionOffsets::logStart);
        Map<TopicPartition, Long> remaining = new HashMap<>();
        ends.forEach((partition, end) -> {
            if (starts.get(partition) < end) {
                remaining.put(new TopicPartition(topic, partition), end);
            }
        });
        if (remaining.isEmpty()) {
            return;
        }
        try (var consumer = kafka.createConsumer("query-api-audit", PARTITION_FETCH_BYTES, FETCH_BYTES)) {
            consumer.assign(remaining.keySet());
            remaining.keySet().forEach(partition -> consumer.seek(partition, starts.get(partition.partition())));
            long records = 0;
            long lastPosition = -1;
            Deadline nextLog = Deadline.in(LOG_INTERVAL);
            Deadline progressDeadline = Deadline.in(PROGRESS_TIMEOUT);
            while (!remaining.isEmpty()) {
                check.run();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    Long end = remaining.get(new TopicPartition(record.topic(), record.partition()));
                    if (end != null && record.offset() < end) {
                        visitor.accept(record);
                        records++;
                    }
                }
                long position = consumer.assignment().stream()
                        .mapToLong(partition -> consumer.position(partition))
                        .sum();
                remaining.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
                consumer.pause(consumer.assignment().stream()
                        .filter(partition -> !remaining.containsKey(partition))
                        .toList());
                if (position != lastPosition) {
                    lastPosition = position;
                    progressDeadline = Deadline.in(PROGRESS_TIMEOUT);
                } else if (progressDeadline.expired()) {
                    throw kafka.unavailable(
                            "received no record of %s for %d s".formatted(topic, PROGRESS_TIMEOUT.toSeconds()), null);
                }
                if (nextLog.expired()) {
                    nextLog = Deadline.in(LOG_INTERVAL);
                    log.info("Audit is reading topic={} records={}", topic, records);
                }
            }
        } catch (KafkaException e) {
            throw kafka.unavailable(e);
        }
    }
}
