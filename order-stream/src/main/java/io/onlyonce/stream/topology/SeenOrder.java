package io.onlyonce.stream.topology;

import io.onlyonce.model.OrderDigest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * An entry of the dedup store: 28 bytes in the store and in its changelog.
 *
 * @param timestamp of the accepted record, in milliseconds since 1970
 * @param offset of the accepted record in its partition of {@code orders}
 * @param seenAt the time when the record was accepted, by the clock of the dedup store, but not before its timestamp.
 *     The retention starts here. If it started at the timestamp, an order with an old timestamp would expire at once.
 * @param digest of the accepted record's content, see {@link OrderDigest}; empty in the entries of older versions, which
 *     have 20 bytes
 */
public record SeenOrder(long timestamp, long offset, long seenAt, OptionalLong digest) {
    private static final int BYTES = Long.BYTES + Long.BYTES + Integer.BYTES + Long.BYTES;

    static SeenOrder at(long timestamp, long offset, long now, long digest) {
        return new SeenOrder(timestamp, offset, Math.max(timestamp, now), OptionalLong.of(digest));
    }

    /** Returns true if the content of the accepted record is known and differs from the content with this digest. */
    boolean conflictsWith(long otherDigest) {
        return digest.isPresent() && digest.getAsLong() != otherDigest;
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
                .putLong(digest.orElseThrow())
                .array();
    }

    public static SeenOrder fromBytes(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        long timestamp = buffer.getLong();
        return new SeenOrder(
                timestamp,
                buffer.getLong(),
                timestamp + 1000L * buffer.getInt(),
                buffer.hasRemaining() ? OptionalLong.of(buffer.getLong()) : OptionalLong.empty());
    }
}
