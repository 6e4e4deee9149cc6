package io.onlyonce.stream.topology;

import io.onlyonce.model.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Creates dead letters that fit into their topic. If the broker rejected one as too large, the transaction would be
 * aborted and the record would be retried forever.
 */
final class DeadLetters {
    private DeadLetters() {}

    /** The broker checks the compressed size, so a record can be many times larger than the broker's limit. */
    static boolean isTooLarge(Record<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes > DeadLetter.MAX_ORIGINAL_BYTES;
    }

    static Record<byte[], Object> of(Record<byte[], byte[]> record, RecordMetadata source, String reason, Instant now) {
        boolean truncated = isTooLarge(record);
        Headers headers = truncated ? new RecordHeaders() : new RecordHeaders(record.headers());
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
