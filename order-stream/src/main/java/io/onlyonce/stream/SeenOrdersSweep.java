package io.onlyonce.stream;

import java.time.Duration;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Removes what is older than the retention, a bounded number of entries a run, from where the last run stopped. Each
 * removal is a tombstone in the changelog, so neither side grows for ever.
 *
 * <p>Whether an entry counts as seen does not depend on the sweep: it only gives the space back.
 */
final class SeenOrdersSweep implements Punctuator {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    /**
     * Some milliseconds of the stream thread's time. It has to be more than the new ids that a partition gets in a second:
     * with n times as many, the store grows to 1 + 1/n of what counts as seen, as so much comes in while a pass goes over
     * it. A week of 5,000 ids/s is three billion a partition: other things end before.
     */
    static final int ENTRIES_PER_RUN = 5_000;

    private final KeyValueStore<Bytes, byte[]> seenOrders;
    private final Duration retention;
    private final StreamClock clock;

    /** Where the next run begins; null at the store's first key. */
    private Bytes cursor;

    /** When the first of the entries that this pass has left standing will be forgotten. */
    private long nextForgottenAt = Long.MAX_VALUE;

    /** A whole pass has found nothing that expires before this time: looking again would be work for nothing. */
    private long restUntil = Long.MIN_VALUE;

    SeenOrdersSweep(KeyValueStore<Bytes, byte[]> seenOrders, Duration retention, StreamClock clock) {
        this.seenOrders = seenOrders;
        this.retention = retention;
        this.clock = clock;
    }

    @Override
    public void punctuate(long ignored) {
        long now = clock.now();
        if (now < restUntil) {
            return;
        }
        if (cursor == null) {
            // What is written while the pass goes on, behind its back, lives at least this long.
            nextForgottenAt = now + retention.toMillis();
        }
        try (KeyValueIterator<Bytes, byte[]> entries =
                cursor == null ? seenOrders.all() : seenOrders.range(cursor, null)) {
            for (int i = 0; i < ENTRIES_PER_RUN && entries.hasNext(); i++) {
                KeyValue<Bytes, byte[]> entry = entries.next();
                long forgottenAt = SeenOrder.fromBytes(entry.value).forgottenAt(retention);
                if (forgottenAt <= now) {
                    seenOrders.delete(entry.key);
                } else {
                    nextForgottenAt = Math.min(nextForgottenAt, forgottenAt);
                }
            }
            if (entries.hasNext()) {
                cursor = entries.peekNextKey();
            } else {
                cursor = null;
                restUntil = nextForgottenAt;
            }
        }
    }
}
