package io.onlyonce.query.audit;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the committed records of a topic from where it begins up to given offsets, once. */
final class CommittedReader {
    private static final Logger log = LoggerFactory.getLogger(CommittedReader.class);

    private static final int FETCH_BYTES = 1 << 20;
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);
    /** A broker that restarts is back sooner. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaAccess kafka;
    private final AuditClock clock;

    CommittedReader(KafkaAccess kafka, AuditClock clock) {
        this.kafka = kafka;
        this.clock = clock;
    }

    /** What to do with a record. */
    interface Visitor {
        void visit(ConsumerRecord<byte[], byte[]> record);
    }

    /** @param ends none beyond its partition's last stable offset, as a reader of committed records stops there */
    void read(String topic, Map<Integer, PartitionOffsets> offsets, Map<Integer, Long> ends, Visitor visitor) {
        Map<TopicPartition, Long> open = new HashMap<>();
        ends.forEach((partition, end) -> {
            if (offsets.get(partition).logStart() < end) {
                open.put(new TopicPartition(topic, partition), end);
            }
        });
        if (open.isEmpty()) {
            return;
        }
        try (Consumer<byte[], byte[]> consumer = kafka.committedRecords("query-api-audit", FETCH_BYTES)) {
            consumer.assign(Set.copyOf(open.keySet()));
            open.keySet()
                    .forEach(partition -> consumer.seek(
                            partition, offsets.get(partition.partition()).logStart()));
            read(topic, consumer, open, visitor);
        } catch (KafkaException e) {
            throw KafkaAccess.unavailable(e);
        }
    }

    private void read(
            String topic, Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> open, Visitor visitor) {
        long records = 0;
        Duration reported = clock.elapsed();
        Duration moved = clock.elapsed();
        while (!open.isEmpty()) {
            clock.check();
            Map<TopicPartition, Long> before = positions(consumer, open.keySet());
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                Long end = open.get(new TopicPartition(record.topic(), record.partition()));
                if (end != null && record.offset() < end) {
                    visitor.visit(record);
                    records++;
                }
            }
            var after = positions(consumer, open.keySet());
            finish(consumer, open, after);
            if (!after.equals(before)) {
                moved = clock.elapsed();
            } else if (clock.elapsed().minus(moved).compareTo(PATIENCE) > 0) {
                throw new UnavailableException(
                        "Kafka does not answer: no record of " + topic + " for " + PATIENCE.toSeconds() + " s", null);
            }
            if (clock.elapsed().minus(reported).compareTo(PROGRESS_INTERVAL) > 0) {
                reported = clock.elapsed();
                log.info("Audit: {} records of {} read", records, topic);
            }
        }
    }

    private static Map<TopicPartition, Long> positions(
            Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions) {
        Map<TopicPartition, Long> positions = new HashMap<>();
        partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
        return positions;
    }

    private static void finish(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> open, Map<TopicPartition, Long> positions) {
        for (TopicPartition partition : new HashSet<>(open.keySet())) {
            if (positions.get(partition) >= open.get(partition)) {
                open.remove(partition);
                consumer.pause(Set.of(partition));
            }
        }
    }
}
