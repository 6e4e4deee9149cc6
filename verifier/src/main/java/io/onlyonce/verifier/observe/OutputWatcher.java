package io.onlyonce.verifier.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.check.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;

/** Watches, in a thread, which committed records become readable during a run, and when. */
public final class OutputWatcher implements AutoCloseable {
    record Key(String topic, String id) {}

    private record Waiter(long[] ends, CompletableFuture<Long> readAt) {}

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, LongAdder> counts = new HashMap<>();
    private final Set<Key> missing = ConcurrentHashMap.newKeySet();
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile RuntimeException failure;

    public OutputWatcher(TopicReader topics, Map<Topic, long[]> from) {
        consumer = topics.consumer(from);
        for (Topic topic : Topic.values()) {
            counts.put(topic.wireName(), new LongAdder());
        }
        thread = Thread.ofPlatform().name("output-watcher").start(this::watch);
    }

    long count(Topic topic) {
        return counts.get(topic.wireName()).sum();
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
        Waiter waiter = new Waiter(ends, new CompletableFuture<>());
        waiters.add(waiter);
        return waiter.readAt;
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
        if (failure != null) {
            throw new IllegalStateException("cannot read the topics: " + failure.getMessage(), failure);
        }
    }

    private void watch() {
        try (consumer) {
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    read(record, System.nanoTime());
                }
            }
        } catch (WakeupException e) {
            // close() was called.
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void read(ConsumerRecord<byte[], byte[]> record, long now) {
        counts.get(record.topic()).increment();
        if (record.topic().equals(Topic.PROCESSED.wireName())) {
            waiters.removeIf(
                    waiter -> record.offset() >= waiter.ends[record.partition()] && waiter.readAt.complete(now));
        }
        if (!missing.isEmpty() && record.key() != null) {
            missing.remove(new Key(record.topic(), new String(record.key(), UTF_8)));
        }
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join();
    }
}
