package io.onlyonce.verifier.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.check.Topic;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Watches which committed records become readable during a run, and when. */
public final class OutputWatcher implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    record Key(String topic, String id) {}

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Long> counts = new ConcurrentHashMap<>();
    private final Set<Key> missing = ConcurrentHashMap.newKeySet();
    private final Map<CompletableFuture<Long>, long[]> waiters = new ConcurrentHashMap<>();
    private final PeriodicTask polling;

    public OutputWatcher(TopicReader topics, Map<Topic, long[]> from) {
        consumer = topics.consumer(from);
        polling = new PeriodicTask(this::poll, 1);
    }

    long count(Topic topic) {
        return counts.getOrDefault(topic.wireName(), 0L);
    }

    /** Returns the number of records in {@code orders} that have no output yet. */
    long lag() {
        long outputs = count(Topic.PROCESSED) + count(Topic.DUPLICATES) + count(Topic.DEAD_LETTERS);
        return Math.max(0, count(Topic.ORDERS) - outputs);
    }

    /**
     * Returns the time (nanoTime) at which the first record at or after one of these offsets is read.
     *
     * @param ends last stable offsets of {@code orders.processed} by partition
     */
    CompletableFuture<Long> firstOutputAfter(long[] ends) {
        CompletableFuture<Long> readAt = new CompletableFuture<>();
        waiters.put(readAt, ends);
        return readAt;
    }

    /** Adds the order to {@link #missing} until its record is read. Must be called before the order is sent. */
    void expect(Topic topic, String id) {
        missing.add(new Key(topic.wireName(), id));
    }

    Set<Key> missing() {
        return missing;
    }

    /** @throws IllegalStateException if the consumer failed, so that no further record would be read */
    public void requireWatching() {
        polling.requireRunning();
    }

    private void poll() {
        consumer.poll(POLL).forEach(record -> read(record, System.nanoTime()));
    }

    private void read(ConsumerRecord<byte[], byte[]> record, long now) {
        counts.merge(record.topic(), 1L, Long::sum);
        if (record.topic().equals(Topic.PROCESSED.wireName())) {
            waiters.forEach((readAt, ends) -> {
                if (record.offset() >= ends[record.partition()]) {
                    readAt.complete(now);
                    waiters.remove(readAt);
                }
            });
        }
        if (!missing.isEmpty() && record.key() != null) {
            missing.remove(new Key(record.topic(), new String(record.key(), UTF_8)));
        }
    }

    @Override
    public void close() {
        polling.close();
        consumer.close();
    }
}
