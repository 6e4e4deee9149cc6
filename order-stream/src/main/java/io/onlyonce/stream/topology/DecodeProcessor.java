package io.onlyonce.stream.topology;

import io.onlyonce.model.DecodedOrder;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.kafka.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Decodes and validates an order. Forwards an invalid record to the dead-letter topic. */
final class DecodeProcessor extends ContextualProcessor<byte[], byte[], byte[], Object> {
    private final OrderListener listener;

    DecodeProcessor(OrderListener listener) {
        this.listener = listener;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        DecodedOrder order;
        try {
            order = decode(record);
        } catch (InvalidOrderException e) {
            RecordMetadata source = context().recordMetadata().orElseThrow();
            context().forward(deadLetter(record, source, e.getMessage()), OrderTopology.DEAD_LETTER_SINK);
            listener.deadLetter(record, source, e.getMessage());
            return;
        }
        context().forward(record.withValue((Object) order), OrderTopology.DEDUP);
    }

    private static DecodedOrder decode(Record<byte[], byte[]> record) {
        if (isTooLarge(record)) {
            throw new InvalidOrderException(
                    "", "the record is larger than " + DeadLetter.MAX_ORIGINAL_BYTES + " bytes");
        }
        DecodedOrder decoded = OrderJson.decode(record.value());
        // The key determines the partition, and each partition has its own dedup store. A duplicate under another key
        // would be emitted.
        if (!Arrays.equals(utf8(decoded.order().orderId()), record.key())) {
            throw new InvalidOrderException("order_id", "is not the record's key");
        }
        return decoded;
    }

    /** The broker checks the compressed size, so a record can be many times larger than the broker's limit. */
    private static boolean isTooLarge(Record<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes > DeadLetter.MAX_ORIGINAL_BYTES;
    }

    /**
     * Creates a dead letter that fits into its topic. If the broker rejected it as too large, the transaction would be
     * aborted and the record would be retried forever.
     */
    private Record<byte[], Object> deadLetter(Record<byte[], byte[]> record, RecordMetadata source, String reason) {
        boolean truncated = isTooLarge(record);
        Headers headers = truncated ? new RecordHeaders() : new RecordHeaders(record.headers());
        // A header of the original record with this name would be taken for ours.
        headers.remove(DeadLetter.CUT);
        Instant now = Instant.ofEpochMilli(context().currentSystemTimeMs());
        headers.add(DeadLetter.REASON, utf8(reason))
                .add(DeadLetter.TOPIC, utf8(source.topic()))
                .add(DeadLetter.PARTITION, utf8(Integer.toString(source.partition())))
                .add(DeadLetter.OFFSET, utf8(Long.toString(source.offset())))
                .add(DeadLetter.REJECTED_AT, utf8(now.toString()));
        if (!truncated) {
            return record.withValue((Object) record.value()).withHeaders(headers);
        }
        headers.add(DeadLetter.CUT, utf8(Long.toString(length(record.value()))));
        return record.withKey(truncate(record.key()))
                .withValue((Object) truncate(record.value()))
                .withHeaders(headers);
    }

    private static byte[] truncate(byte[] bytes) {
        return length(bytes) <= DeadLetter.CUT_BYTES ? bytes : Arrays.copyOf(bytes, DeadLetter.CUT_BYTES);
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
