package io.onlyonce.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Writes processed orders as {@link OrderJson#write(ProcessedOrder)} does, without writing the order anew: its own text, to
 * which is appended what the stream adds. Every digit and character of the order stays as it came. For use by one thread.
 */
public final class ProcessedOrderWriter {
    private final byte[] beforeTime;
    private final byte[] afterTime;

    /** Of the last order: at full speed some dozens share a millisecond, and writing the time out is dear. */
    private long timeMs = Long.MIN_VALUE;

    private byte[] time;

    public ProcessedOrderWriter(String consumerId, ProcessingMode mode) {
        beforeTime = utf8(",\"status\":\"" + ProcessedOrder.STATUS + "\",\"processed_at\":\"");
        afterTime = utf8("\"," + OrderJson.consumerFields(consumerId, mode) + ",\"partition\":");
    }

    /**
     * @param processedAtMs milliseconds since 1970
     * @param partition of {@code orders} that the order was read from
     * @param offset in that partition
     */
    public byte[] write(DecodedOrder order, long processedAtMs, int partition, long offset) {
        if (processedAtMs != timeMs) {
            time = utf8(Instant.ofEpochMilli(processedAtMs).toString());
            timeMs = processedAtMs;
        }
        byte[] place = utf8(partition + ",\"offset\":" + offset + "}");
        int open = closingBrace(order.json());
        return ByteBuffer.allocate(open + beforeTime.length + time.length + afterTime.length + place.length)
                .put(order.json(), 0, open)
                .put(beforeTime)
                .put(time)
                .put(afterTime)
                .put(place)
                .array();
    }

    /** What has been read as one object ends with its brace; only white space may follow. */
    private static int closingBrace(byte[] json) {
        int last = json.length - 1;
        while (json[last] != '}') {
            last--;
        }
        return last;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
