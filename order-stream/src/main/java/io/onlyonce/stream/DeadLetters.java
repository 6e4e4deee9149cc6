package io.onlyonce.stream;

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
 * Makes the dead letter of a record, one that its topic takes in any case: an output that the broker refuses takes back
 * the transaction, and the record behind it would be tried again for ever.
 */
final class DeadLetters {
    private DeadLetters() {}

    /** A record can be a thousand times as large as what the broker has measured, which is compressed. */
    static boolean isTooLarge(Record<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes > DeadLetter.MAX_ORIGINAL_BYTES;
    }

    static Record<byte[], Object> of(Record<byte[], byte[]> record, RecordMetadata source, String reason, Instant now) {
        boolean cut = isTooLarge(record);
        Headers headers = cut ? new RecordHeaders() : new RecordHeaders(record.headers());
        headers.add(DeadLetter.REASON, utf8(reason))
                .add(DeadLetter.TOPIC, utf8(source.topic()))
                .add(DeadLetter.PARTITION, utf8(Integer.toString(source.partition())))
                .add(DeadLetter.OFFSET, utf8(Long.toString(source.offset())))
                .add(DeadLetter.REJECTED_AT, utf8(now.toString()));
        if (!cut) {
            return record.withValue((Object) record.value()).withHeaders(headers);
        }
        headers.add(DeadLetter.CUT, utf8(Long.toString(length(record.value()))));
        return record.withKey(beginning(record.key()))
                .withValue((Object) beginning(record.value()))
                .withHeaders(headers);
    }

    private static byte[] beginning(byte[] bytes) {
        return length(bytes) <= DeadLetter.CUT_BYTES ? bytes : Arrays.copyOf(bytes, DeadLetter.CUT_BYTES);
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
