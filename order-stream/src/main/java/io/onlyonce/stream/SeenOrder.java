package io.onlyonce.stream;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What the dedup memory knows of an order_id: 20 bytes in the store and in its changelog.
 *
 * @param timestamp of the record that was accepted, in milliseconds since 1970
 * @param offset of that record in its partition of {@code orders}
 * @param seenAt the stream's clock when it was accepted, which the retention counts from; not before the timestamp. The
 *     record's own time would not do: an order that comes with an old timestamp would be forgotten at once.
 */
record SeenOrder(long timestamp, long offset, long seenAt) {
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES;

    static SeenOrder at(long timestamp, long offset, long now) {
        return new SeenOrder(timestamp, offset, Math.max(timestamp, now));
    }

    /** The time from which this order_id counts as unseen again. */
    long forgottenAt(Duration retention) {
        return seenAt + retention.toMillis();
    }

    byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(timestamp)
                .putLong(offset)
                .putInt(secondsLate())
                .array();
    }

    static SeenOrder fromBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long timestamp = buffer.getLong();
        return new SeenOrder(timestamp, buffer.getLong(), timestamp + 1000L * buffer.getInt());
    }

    /** Rounded up, so that rounding remembers an order for too long and never for too short a time. */
    private int secondsLate() {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(seenAt - timestamp, 1000L));
    }
}
