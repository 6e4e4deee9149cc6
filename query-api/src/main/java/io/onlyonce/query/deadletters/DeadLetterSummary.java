package io.onlyonce.query.deadletters;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A dead letter with a truncated key, reason and value.
 *
 * @param topic with `partition` and `offset`: the coordinates of the dead letter
 * @param at the time at which the dead letter was written
 * @param source the coordinates of the record that could not be processed; null if the dead letter does not contain them
 * @param key the beginning of the key as text, at most 1,000 characters, like `reason`; null if there is none
 * @param value the beginning of the value as text, at most 2,000 characters; null if there is none
 * @param valueBytes the size of the original value in bytes, even if the stream kept only its beginning
 */
record DeadLetterSummary(
        String topic,
        int partition,
        long offset,
        Instant at,
        String reason,
        @Nullable Coordinates source,
        @Nullable String key,
        @Nullable String value,
        long valueBytes) {
    private static final int MAX_TEXT = 1_000;
    private static final int MAX_VALUE = 2_000;

    /** The prefix of the headers that Connect adds. */
    private static final String CONNECT = "__connect.errors.";

    record Coordinates(String topic, int partition, long offset) {}

    static DeadLetterSummary of(ConsumerRecord<byte[], byte[]> record) {
        return new DeadLetterSummary(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                reason(record),
                source(record).orElse(null),
                text(record.key(), MAX_TEXT),
                text(record.value(), MAX_VALUE),
                valueBytes(record));
    }

    private static String reason(ConsumerRecord<byte[], byte[]> record) {
        return header(record, DeadLetter.REASON)
                .or(() -> header(record, CONNECT + "exception.message"))
                .or(() -> header(record, CONNECT + "exception.class.name"))
                .orElse("unknown");
    }

    private static long valueBytes(ConsumerRecord<byte[], byte[]> record) {
        int length = record.value() == null ? 0 : record.value().length;
        try {
            return header(record, DeadLetter.CUT).map(Long::parseLong).orElse((long) length);
        } catch (NumberFormatException e) {
            // The original record already had a header with this name.
            return length;
        }
    }

    /** Returns the source coordinates from the headers; empty if they are missing or invalid. */
    static Optional<Coordinates> source(ConsumerRecord<byte[], byte[]> record) {
        boolean ofStream = record.topic().equals(Topics.DEAD_LETTERS);
        Optional<String> topic = header(record, ofStream ? DeadLetter.TOPIC : CONNECT + "topic");
        Optional<String> partition = header(record, ofStream ? DeadLetter.PARTITION : CONNECT + "partition");
        Optional<String> offset = header(record, ofStream ? DeadLetter.OFFSET : CONNECT + "offset");
        try {
            return topic.isEmpty() || partition.isEmpty() || offset.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Coordinates(
                            topic.get(), Integer.parseInt(partition.get()), Long.parseLong(offset.get())));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? Optional.empty() : Optional.ofNullable(text(header.value(), MAX_TEXT));
    }

    private static @Nullable String text(byte @Nullable [] bytes, int maxLength) {
        if (bytes == null) {
            return null;
        }
        // A character has at most 4 bytes in UTF-8.
        String text = new String(bytes, 0, Math.min(bytes.length, 4 * maxLength), StandardCharsets.UTF_8);
        return text.substring(0, Math.min(text.length(), maxLength));
    }

    @JsonIgnore
    TopicPartition topicPartition() {
        return new TopicPartition(topic, partition);
    }
}
