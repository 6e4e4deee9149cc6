package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;

/** Sees, while a run goes on, what becomes readable to a reader of committed data, and when. */
final class OutputWatcher implements AutoCloseable {
    private record Key(Topic topic, String id) {}

    private record Mark(long[] ends, CompletableFuture<Long> passed) {}

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<Topic, LongAdder> counts = new EnumMap<>(Topic.class);
    private final Map<Key, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();
    private final Queue<Mark> marks = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile boolean closed;
    private volatile RuntimeException failure;

    /** @param from where to begin, by topic and partition */
    OutputWatcher(KafkaAccess kafka, Map<Topic, long[]> from) {
        consumer = kafka.consumer(from);
        for (Topic topic : Topic.values()) {
            counts.put(topic, new LongAdder());
        }
        thread = Thread.ofPlatform().name("output-watcher").start(this::watch);
    }

    /** Committed records seen so far. */
    long count(Topic topic) {
        return counts.get(topic).sum();
    }

    /** Records of {@code orders} that have not come out yet. */
    long lag() {
        long out = count(Topic.PROCESSED) + count(Topic.DUPLICATES) + count(Topic.DEAD_LETTERS);
        return Math.max(0, count(Topic.ORDERS) - out);
    }

    /**
     * @param ends last stable offsets of {@code orders.processed} by partition
     * @return the moment (nanoTime) at which the first record at or behind one of them was read
     */
    CompletableFuture<Long> firstOutputBeyond(long[] ends) {
        CompletableFuture<Long> passed = new CompletableFuture<>();
        marks.add(new Mark(ends, passed));
        return passed;
    }

    /** Completes when a record with this key has been read; to be asked for before it is sent. */
    CompletableFuture<Void> arrival(Topic topic, String id) {
        return awaited.computeIfAbsent(new Key(topic, id), key -> new CompletableFuture<>());
    }

    /** @throws IllegalStateException where the watch has ended by itself: nothing would ever be seen to arrive */
    void requireWatching() {
        if (failure != null) {
            throw new IllegalStateException("cannot watch the topics any longer: " + failure.getMessage(), failure);
        }
    }

    private void watch() {
        try (consumer) {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> one : consumer.poll(Duration.ofMillis(500))) {
                    see(one, System.nanoTime());
                }
            }
        } catch (WakeupException e) {
            // Only close() wakes the consumer up.
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void see(ConsumerRecord<byte[], byte[]> one, long now) {
        Topic topic = Topic.of(one.topic());
        counts.get(topic).increment();
        if (topic == Topic.PROCESSED) {
            for (Mark mark : marks) {
                if (one.offset() >= mark.ends[one.partition()] && mark.passed.complete(now)) {
                    marks.remove(mark);
                }
            }
        }
        if (!awaited.isEmpty() && one.key() != null) {
            CompletableFuture<Void> arrival = awaited.remove(new Key(topic, new String(one.key(), UTF_8)));
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
