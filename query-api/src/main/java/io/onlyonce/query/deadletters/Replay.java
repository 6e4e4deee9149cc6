package io.onlyonce.query.deadletters;

import com.fasterxml.jackson.annotation.JsonValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.Topics;
import io.onlyonce.query.deadletters.DeadLetterSummary.Coordinates;
import io.onlyonce.web.Problem;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Replays dead letters through the normal pipeline, which processes a repeated record once. Counts and logs each replay.
 *
 * <ul>
 *   <li>A record that the stream rejected is sent to the ingest API again: {@link IngestReplay}.
 *   <li>A record that the sink could not store is already in {@code orders.processed} or {@code orders.duplicates}. A copy
 *       in the topic would be a duplicate. Instead, the connector reads the record again: {@link SinkReplay}.
 * </ul>
 */
@Component
final class Replay {
    private static final Logger log = LoggerFactory.getLogger(Replay.class);

    private final IngestReplay ingest;
    private final SinkReplay sink;
    private final MeterRegistry registry;

    Replay(IngestReplay ingest, SinkReplay sink, MeterRegistry registry) {
        this.ingest = ingest;
        this.sink = sink;
        this.registry = registry;
        DeadLetterReader.TOPICS.forEach(this::counter);
    }

    private Counter counter(String topic) {
        return Counter.builder("dead_letters_replayed")
                .description("Dead letters that were replayed, by their topic")
                .tag("topic", topic)
                .register(registry);
    }

    enum Path {
        INGEST,
        SINK,
        NONE;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param through ingest: the order was sent again. sink: the connector reads the record again. none: nothing was done,
     *     because an order with this order_id is already stored
     * @param orderId null if the path is sink
     * @param record the coordinates of the new record (ingest), of the record that the connector reads again (sink), or of the
     *     record of the stored order (none)
     * @param recordsReadAgain number of offsets that the connector reads again, including the record; null unless the path is
     *     sink
     */
    record Replayed(
            Path through,
            @Nullable String orderId,
            Coordinates record,
            @Nullable Long recordsReadAgain) {}

    /**
     * @param corrected the order to send instead of the dead letter; empty to send the dead letter unchanged
     * @param authorization the Authorization header of the request; can be null
     */
    Replayed replay(ConsumerRecord<byte[], byte[]> letter, byte[] corrected, String authorization) {
        Replayed replayed;
        if (letter.topic().equals(Topics.DEAD_LETTERS)) {
            replayed = ingest.send(letter, corrected, authorization);
        } else if (corrected.length > 0) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The replay of a dead letter of the sink must have no body, because the sink reads the original record again");
        } else {
            replayed = sink.readAgain(letter);
        }
        counter(letter.topic()).increment();
        log.info(
                "Dead letter replayed topic={} partition={} offset={} through={} record={}",
                letter.topic(),
                letter.partition(),
                letter.offset(),
                replayed.through().wireName(),
                replayed.record());
        return replayed;
    }
}
