package io.onlyonce.verifier.observe;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.check.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;

/** Watches, in a thread, which committed records become readable during a run, and when. */
public final class OutputWatcher implements AutoCloseable {
    private record Key(String topic, String id) {}

    private record Waiter(long[] ends, CompletableFuture<Long> readAt) {}

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, LongAdder> counts = new HashMap<>();
    private final Map<Key, CompletableFuture<Void>> arrivals = new ConcurrentHashMap<>();
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile RuntimeException failure;

    /** @param from the first offsets to read, by topic and partition */
    public OutputWatcher(TopicReader topics, Map<Topic, long[]> from) {
        consumer = topics.consumer(from);
        for (Topic topic : Topic.values()) {
            counts.put(topic.wireName(), new LongAdder());
        }
        thread = Thread.ofPlatform().name("output-watcher").start(this::watch);
    }

    /** Returns the number of committed records read so far. */
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

    /** Completes when a record with this key is read. Must be called before the record is sent. */
    CompletableFuture<Void> arrival(Topic topic, String id) {
        return arrivals.computeIfAbsent(new Key(topic.wireName(), id), key -> new CompletableFuture<>());
    }

    /** @throws IllegalStateException if the consumer failed, so that no further record would be read */
    public void requireWatching() {
        if (failure != null) {
            throw new IllegalStateException("cannot read the topics: " + failure.getMessage(), failure);
        }
    }

    private void watch() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    read(record, System.nanoTime());
                }
            }
        } catch (WakeupException e) {
            // Only close() wakes the consumer up.
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
        if (!arrivals.isEmpty() && record.key() != null) {
            CompletableFuture<Void> arrival = arrivals.remove(new Key(record.topic(), new String(record.key(), UTF_8)));
            if (arrival != null) {
                arrival.complete(null);
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        consumer.wakeup();
        thread.join();
    }
}
