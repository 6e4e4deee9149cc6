package io.onlyonce.query.deadletters;

import com.fasterxml.jackson.annotation.JsonValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.deadletters.DeadLetterSummary.Coordinates;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.services.ConnectClient;
import io.onlyonce.query.services.ControlLock;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.web.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Replays dead letters on the usual path, which processes a repeated record once.
 *
 * <ul>
 *   <li>A record that the stream rejected is sent to the ingest API again. The stream rejects the second one of two replays
 *       as a duplicate.
 *   <li>A record that the sink could not store is already in {@code orders.processed} or {@code orders.duplicates}. A copy
 *       in the topic would be a duplicate. Instead, the connector reads its partition again, beginning with this record. It
 *       does not write the rows that exist already.
 * </ul>
 */
@Component
final class Replay {
    private static final Logger log = LoggerFactory.getLogger(Replay.class);

    /** Longer than the time limit of the ingest API. */
    private static final Duration INGEST_TIMEOUT = Duration.ofSeconds(15);

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration RESUME_TIMEOUT = Duration.ofSeconds(10);

    private final KafkaClients kafka;
    private final ServiceClient services;
    private final ConnectClient connect;
    private final ControlLock lock;
    private final JsonMapper json;
    private final MeterRegistry registry;

    Replay(
            KafkaClients kafka,
            ServiceClient services,
            ConnectClient connect,
            ControlLock lock,
            JsonMapper json,
            MeterRegistry registry) {
        this.kafka = kafka;
        this.services = services;
        this.connect = connect;
        this.lock = lock;
        this.json = json;
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
        SINK;

        @JsonValue
        String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param through ingest: the order was sent again. sink: the connector reads the record again
     * @param orderId null if the path is the sink
     * @param record the coordinates of the record that is processed now
     */
    record Replayed(Path through, @Nullable String orderId, Coordinates record) {}

    /**
     * @param corrected the order to send instead of the dead letter; empty to send the dead letter unchanged
     * @param authorization of the request; can be null
     */
    Replayed replay(ConsumerRecord<byte[], byte[]> letter, byte[] corrected, String authorization) {
        Replayed replayed;
        if (letter.topic().equals(Topics.DEAD_LETTERS)) {
            replayed = send(letter, corrected, authorization);
        } else if (corrected.length > 0) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The sink reads the record in the topic again, and this record cannot be changed. Send no body");
        } else {
            replayed = lock.run(() -> readAgain(letter));
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

    private Replayed send(ConsumerRecord<byte[], byte[]> letter, byte[] corrected, String authorization) {
        byte[] order = corrected.length > 0 ? corrected : original(letter);
        String orderId = orderId(order);
        var response = services.call(Service.PRODUCER, "POST", "/orders", order, authorization, INGEST_TIMEOUT);
        if (response.getStatusCode().is4xxClientError()) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The ingest API rejects the order: %s. Send the corrected order as the body of this request"
                            .formatted(json.readTree(response.getBody())
                                    .path("detail")
                                    .asString(
                                            "status " + response.getStatusCode().value())));
        }
        if (!response.getStatusCode().is2xxSuccessful()) {
            throw ServiceClient.unexpected(Service.PRODUCER, "POST /orders", response);
        }
        JsonNode receipt = json.readTree(response.getBody());
        return new Replayed(
                Path.INGEST,
                orderId,
                new Coordinates(
                        receipt.path("topic").asString(),
                        receipt.path("partition").asInt(),
                        receipt.path("offset").asLong(-1)));
    }

    private static byte[] original(ConsumerRecord<byte[], byte[]> letter) {
        if (letter.value() == null || letter.headers().lastHeader(DeadLetter.CUT) != null) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The dead letter does not contain a complete order. Send the corrected order as the body of this request");
        }
        return letter.value();
    }

    /** An order without an id would get a new one with each replay. */
    private String orderId(byte[] order) {
        String id;
        try {
            id = json.readTree(order).path("order_id").asString("");
        } catch (JacksonException e) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The order is not valid JSON. Send the corrected order as the body of this request");
        }
        if (id.isBlank()) {
            throw Problem.of(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "The order has no order_id. Send the corrected order as the body of this request");
        }
        return id;
    }

    private Replayed readAgain(ConsumerRecord<byte[], byte[]> letter) {
        String connector = Sink.connectorOf(letter.topic());
        Coordinates source = DeadLetterSummary.source(letter)
                .orElseThrow(() -> Problem.of(
                        HttpStatus.UNPROCESSABLE_CONTENT, "The dead letter does not contain its source coordinates"));
        TopicPartition partition = new TopicPartition(source.topic(), source.partition());
        if (source.offset() < kafka.offsets(List.of(partition)).get(partition).logStart()) {
            throw Problem.of(
                    HttpStatus.CONFLICT,
                    "The record at offset %d of %s was deleted. Only the dead letter contains it"
                            .formatted(source.offset(), partition));
        }
        Replayed replayed = new Replayed(Path.SINK, null, source);
        Long committed =
                kafka.committedOffsets(ConsumerGroups.ofConnector(connector)).get(partition);
        if (committed != null && committed > source.offset()) {
            rewind(connector, partition, source.offset());
        }
        return replayed;
    }

    private void rewind(String connector, TopicPartition partition, long offset) {
        try {
            Deadline deadline = Deadline.in(STOP_TIMEOUT);
            if (!connect.connectors(deadline).contains(connector)) {
                throw Problem.of(HttpStatus.CONFLICT, "The connector " + connector + " does not exist");
            }
            try {
                connect.stop(List.of(connector), deadline);
                connect.setOffset(connector, partition, offset, deadline);
            } finally {
                connect.callEach("PUT", List.of(connector), "/resume", Deadline.in(RESUME_TIMEOUT));
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }
}
