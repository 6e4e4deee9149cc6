package io.onlyonce.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDigest;
import io.onlyonce.web.Problem;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The responses to committed requests with an {@code Idempotency-Key}. A repeated request receives the same response, and
 * no record is written. The least recently used keys are evicted; a repeated request with an evicted key is written again,
 * and order-stream rejects it as a duplicate. Thread-safe.
 */
@Component
final class ReplayCache {
    /** Estimated size of the objects of an entry, without its key and its orders. */
    private static final int BYTES_PER_ENTRY = 500;

    private static final int BYTES_PER_ORDER = 100;

    /** What a repetition must have in common with the first request. */
    private record Identity(String orderId, long digest) {}

    /** The content of a request. Two requests with the same key must have equal contents. */
    record Content(List<Identity> orders) {
        static Content of(List<Order> orders) {
            return new Content(orders.stream()
                    .map(order -> new Identity(order.orderId(), OrderDigest.of(order)))
                    .toList());
        }
    }

    private record Entry(Content content, Object response, long bytes) {}

    private final Map<String, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final long capacity;
    private final Counter replayed;
    private final Counter conflicts;
    private long bytes;
    private long generation;

    ReplayCache(IngestProperties properties, MeterRegistry registry) {
        this.capacity = properties.replayCacheMaxBytes().toBytes();
        this.replayed = counter(registry, "replayed");
        this.conflicts = counter(registry, "conflict");
        Gauge.builder("ingest.replay.cache.bytes", this, ReplayCache::bytes)
                .description("Estimated size of the responses that are kept for repeated Idempotency-Keys")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("ingest.idempotency.keys")
                .description("Requests with an Idempotency-Key that was used before; conflict: with other content")
                .tag("result", result)
                .register(registry);
    }

    /** The number of times that the cache was cleared. */
    synchronized long generation() {
        return generation;
    }

    /**
     * @return the response to the first request with this key; empty if the key is unknown
     * @throws org.springframework.web.ErrorResponseException (422) if the first request had other content
     */
    synchronized <T> Optional<T> find(String key, Content content, Class<T> type) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (!entry.content().equals(content) || !type.isInstance(entry.response())) {
            conflicts.increment();
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "Idempotency-Key was used before for a request with other content. Nothing was written."
                            + " Send a new request with a new key");
        }
        replayed.increment();
        return Optional.of(type.cast(entry.response()));
    }

    /**
     * @param startGeneration {@link #generation()} before the orders were sent. If the cache was cleared since then, the
     *     orders may have been deleted, and the response is not kept.
     */
    synchronized void put(long startGeneration, String key, Content content, Object response) {
        long size = BYTES_PER_ENTRY + 2L * key.length();
        for (Identity order : content.orders()) {
            size += BYTES_PER_ORDER + 2L * order.orderId().length();
        }
        if (startGeneration != generation || size > capacity) {
            return;
        }
        Entry previous = entries.put(key, new Entry(content, response, size));
        bytes += size - (previous == null ? 0 : previous.bytes());
        Iterator<Entry> eldest = entries.values().iterator();
        while (bytes > capacity) {
            bytes -= eldest.next().bytes();
            eldest.remove();
        }
    }

    synchronized void clear() {
        entries.clear();
        bytes = 0;
        generation++;
    }

    private synchronized long bytes() {
        return bytes;
    }
}
