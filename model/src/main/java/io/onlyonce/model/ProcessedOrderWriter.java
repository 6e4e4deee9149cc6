package io.onlyonce.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Writes processed orders by appending fields to the JSON text of the order, which stays unchanged byte for byte. The
 * result is equal to {@link OrderJson#write(ProcessedOrder)}, but takes 0.1 instead of 1.6 microseconds of CPU time for an
 * order of 240 bytes; the stream spends 13 to 17 microseconds on each order. Not thread-safe.
 */
public final class ProcessedOrderWriter {
    private final byte[] beforeTime;
    private final byte[] afterTime;

    /** The time of the last order. At the maximum rate, dozens of orders have the same one, and formatting is slow. */
    private long timeMs = Long.MIN_VALUE;

    private byte[] time;

    public ProcessedOrderWriter(String consumerId, ProcessingMode mode) {
        beforeTime = utf8(",\"status\":\"" + ProcessedOrder.STATUS + "\",\"processed_at\":\"");
        String escapedId = new String(JsonStringEncoder.getInstance().quoteAsCharArray(consumerId));
        afterTime = utf8("\",\"consumer_id\":\"" + escapedId + "\",\"processing_mode\":\"" + mode.wireName()
                + "\",\"partition\":");
    }

    /**
     * @param processedAtMs milliseconds since 1970
     * @param partition the partition of {@code orders} that contains the order
     * @param offset the offset of the order in that partition
     */
    public byte[] write(DecodedOrder order, long processedAtMs, int partition, long offset) {
        if (processedAtMs != timeMs) {
            time = utf8(Instant.ofEpochMilli(processedAtMs).toString());
            timeMs = processedAtMs;
        }
        byte[] coordinates = utf8(partition + ",\"offset\":" + offset + "}");
        int length = order.json().length - 1;
        // Only white space can follow the closing brace.
        while (order.json()[length] != '}') {
            length--;
        }
        return ByteBuffer.allocate(length + beforeTime.length + time.length + afterTime.length + coordinates.length)
                .put(order.json(), 0, length)
                .put(beforeTime)
                .put(time)
                .put(afterTime)
                .put(coordinates)
                .array();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
