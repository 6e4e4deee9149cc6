package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.History;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the committed records and the table rows of a run into a {@link History}. */
public final class HistoryReader {
    private static final Duration POLL = Duration.ofMillis(500);
    /** A topic whose position does not advance for this time cannot be read to its end. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final TopicReader topics;
    private final SystemUnderTest system;
    private final Map<Topic, long[]> starts;
    private final Progress progress;

    /** @param starts the first offsets of the run, by topic and partition */
    public HistoryReader(TopicReader topics, SystemUnderTest system, Map<Topic, long[]> starts, Progress progress) {
        this.topics = topics;
        this.system = system;
        this.starts = starts;
        this.progress = progress;
    }

    public void read(OrderPlan plan, History history) throws InterruptedException {
        for (Topic topic : Topic.values()) {
            readTopic(topic, history);
        }
        try (TableReader tables = new TableReader(system)) {
            tables.readOrders(plan, history, rows -> progress.step(rows, 0, "rows of orders"));
            for (Topic topic : List.of(Topic.PROCESSED, Topic.DUPLICATES)) {
                String detail = "rows of " + TableReader.tableOf(topic);
                tables.readMessages(topic, starts.get(topic), history, rows -> progress.step(rows, 0, detail));
            }
        }
    }

    private void readTopic(Topic topic, History history) throws InterruptedException {
        long[] ends = topics.lastStableOffsets(topic);
        try (KafkaConsumer<byte[], byte[]> consumer = topics.consumer(Map.of(topic, starts.get(topic)))) {
            long total = left(consumer, topic, ends);
            long left = total;
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (left > 0) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    history.record(topic, record.partition(), record.offset(), record.key(), record.value());
                }
                long before = left;
                left = left(consumer, topic, ends);
                if (left < before) {
                    deadline = System.nanoTime() + TIMEOUT.toNanos();
                } else if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("no progress reading %s for %d s, %d offsets left"
                            .formatted(topic.wireName(), TIMEOUT.toSeconds(), left));
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
