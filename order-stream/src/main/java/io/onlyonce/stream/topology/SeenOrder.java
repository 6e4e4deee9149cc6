package io.onlyonce.stream.topology;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * An entry of the dedup store: 20 bytes in the store and in its changelog.
 *
 * @param timestamp of the accepted record, in milliseconds since 1970
 * @param offset of the accepted record in its partition of {@code orders}
 * @param seenAt the time when the record was accepted, by the clock of the dedup store, but not before its timestamp.
 *     The retention starts here. If it started at the timestamp, an order with an old timestamp would expire at once.
 */
public record SeenOrder(long timestamp, long offset, long seenAt) {
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES;

    static SeenOrder at(long timestamp, long offset, long now) {
        return new SeenOrder(timestamp, offset, Math.max(timestamp, now));
    }

    /** Returns the time from which this order_id counts as new, in milliseconds since 1970. */
    public long expiresAt(Duration retention) {
        return seenAt + retention.toMillis();
    }

    byte[] toBytes() {
        // Rounds up, so that no entry expires too early.
        long secondsLate = Math.min(Integer.MAX_VALUE, Math.ceilDiv(seenAt - timestamp, 1000L));
        return ByteBuffer.allocate(BYTES)
                .putLong(timestamp)
                .putLong(offset)
                .putInt((int) secondsLate)
                .array();
    }

    public static SeenOrder fromBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long timestamp = buffer.getLong();
        return new SeenOrder(timestamp, buffer.getLong(), timestamp + 1000L * buffer.getInt());
    }
}
