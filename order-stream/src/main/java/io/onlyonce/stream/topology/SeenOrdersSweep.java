package io.onlyonce.stream.topology;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Deletes expired entries from the dedup store. Each run checks a bounded number of entries and continues at the key at
 * which the previous run stopped. Each deletion writes a tombstone to the changelog, so that the store and the changelog
 * stay bounded.
 *
 * <p>The sweep only frees space. {@link DedupProcessor} checks the expiry of each entry that it reads.
 */
final class SeenOrdersSweep implements Punctuator {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    /**
     * Takes a few milliseconds of the stream thread's time. Must exceed the number of new ids per partition and second: if
     * it is n times that number, the store grows to 1 + 1/n times the size of its unexpired entries, because new entries
     * arrive during a pass.
     */
    static final int ENTRIES_PER_RUN = 5_000;

    private final KeyValueStore<Bytes, byte[]> seenOrders;
    private final Duration retention;
    private final LongSupplier clock;

    /** The key at which the next run starts; null for the first key of the store. */
    private Bytes cursor;

    /** The earliest expiry of the entries that the current pass has kept. */
    private long earliestExpiry = Long.MAX_VALUE;

    /** The last complete pass found no entry that expires before this time. */
    private long idleUntil = Long.MIN_VALUE;

    SeenOrdersSweep(KeyValueStore<Bytes, byte[]> seenOrders, Duration retention, LongSupplier clock) {
        this.seenOrders = seenOrders;
        this.retention = retention;
        this.clock = clock;
    }

    @Override
    public void punctuate(long ignored) {
        long now = clock.getAsLong();
        if (now < idleUntil) {
            return;
        }
        if (cursor == null) {
            // An entry that is written during the pass, at a key before the cursor, does not expire before this time.
            earliestExpiry = now + retention.toMillis();
        }
        try (KeyValueIterator<Bytes, byte[]> entries =
                cursor == null ? seenOrders.all() : seenOrders.range(cursor, null)) {
            for (int i = 0; i < ENTRIES_PER_RUN && entries.hasNext(); i++) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                long expiresAt = SeenOrder.fromBytes(entry.value).expiresAt(retention);
                if (expiresAt <= now) {
                    seenOrders.delete(entry.key);
                } else {
                    earliestExpiry = Math.min(earliestExpiry, expiresAt);
                }
            }
            if (entries.hasNext()) {
                cursor = entries.peekNextKey();
            } else {
                cursor = null;
                idleUntil = earliestExpiry;
            }
        }
    }
}
