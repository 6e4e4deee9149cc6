package io.onlyonce.verifier;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the topics and the tables into a {@link History}: committed data only, from the run's first offsets on. */
final class Audit {
    private static final Duration POLL = Duration.ofMillis(500);
    /** Without a single record or marker for so long, a topic's end is not reached any more. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaAccess kafka;
    private final SystemUnderTest system;
    private final Map<Topic, long[]> starts;
    private final Progress progress;

    Audit(KafkaAccess kafka, SystemUnderTest system, Map<Topic, long[]> starts, Progress progress) {
        this.kafka = kafka;
        this.system = system;
        this.starts = starts;
        this.progress = progress;
    }

    void read(Plan plan, History history) throws SQLException, InterruptedException {
        for (Topic topic : Topic.values()) {
            readTopic(topic, history);
        }
        try (Tables tables = new Tables(system)) {
            tables.readOrders(plan, history, rows -> progress.step(rows, 0, "rows of orders"));
            for (Topic topic : new Topic[] {Topic.PROCESSED, Topic.DUPLICATES}) {
                tables.readMessages(
                        topic,
                        starts.get(topic),
                        history,
                        rows -> progress.step(rows, 0, "rows of " + Tables.of(topic)));
            }
        }
    }

    private void readTopic(Topic topic, History history) throws InterruptedException {
        long[] ends = kafka.lastStableOffsets(topic);
        long total = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            total += ends[partition] - starts.get(topic)[partition];
        }
        try (KafkaConsumer<byte[], byte[]> consumer = kafka.consumer(Map.of(topic, starts.get(topic)))) {
            long left = total;
            long patience = System.nanoTime() + PATIENCE.toNanos();
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(POLL)) {
                    history.record(topic, one.partition(), one.offset(), one.key(), one.value());
                }
                long before = left;
                left = left(consumer, topic, ends);
                if (left < before) {
                    patience = System.nanoTime() + PATIENCE.toNanos();
                } else if (System.nanoTime() - patience > 0) {
                    throw new IllegalStateException(
                            "%s cannot be read to its end: %d offsets are left".formatted(topic.wireName(), left));
                }
                progress.step(total - left, total, topic.wireName());
            }
        }
    }

    private static long left(KafkaConsumer<byte[], byte[]> consumer, Topic topic, long[] ends) {
        long left = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            left += Math.max(0, ends[partition] - consumer.position(new TopicPartition(topic.wireName(), partition)));
        }
        return left;
    }
}
