package io.onlyonce.query.deadletters;

import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.query.deadletters.DeadLetterSummary.Coordinates;
import io.onlyonce.query.deadletters.Replay.Path;
import io.onlyonce.query.deadletters.Replay.Replayed;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.web.Problem;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends the order of a dead letter to the ingest API, unless it is already stored. The check is necessary because a dead letter
 * can be replayed for three weeks, but the stream detects duplicates for only 7 days. An order in flight is younger than 7 days,
 * so the stream detects its duplicates.
 */
@Component
final class IngestReplay {
    /** Longer than the time limit of the ingest API. */
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    /** The status codes with which the ingest API rejects an order. */
    private static final Set<Integer> REJECTED = Set.of(400, 413, 422);

    private final ServiceClient services;
    private final JdbcClient jdbc;
    private final JsonMapper json;

    IngestReplay(ServiceClient services, JdbcClient jdbc, JsonMapper json) {
        this.services = services;
        this.jdbc = jdbc;
        this.json = json;
    }

    Replayed send(ConsumerRecord<byte[], byte[]> letter, byte[] corrected, String authorization) {
        byte[] order = corrected.length > 0 ? corrected : original(letter);
        String orderId = orderId(order);
        return stored(orderId)
                .map(source -> new Replayed(Path.NONE, orderId, source, null))
                .orElseGet(() -> send(orderId, order, authorization));
    }

    private static byte[] original(ConsumerRecord<byte[], byte[]> letter) {
        if (letter.value() == null || letter.headers().lastHeader(DeadLetter.CUT) != null) {
            throw rejected("The dead letter does not contain a complete order");
        }
        return letter.value();
    }

    /**
     * Returns the order_id of the order. Rejects an order without an order_id, because the ingest API would generate a new one
     * for each replay. Uses a streaming parser, because a tree of an 8 MiB dead letter would need many times this memory.
     */
    private String orderId(byte[] order) {
        try (JsonParser parser = json.createParser(order)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw rejected("The order is not a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                boolean found = parser.currentName().equals("order_id");
                JsonToken value = parser.nextToken();
                if (found
                        && value == JsonToken.VALUE_STRING
                        && !parser.getString().isBlank()) {
                    return parser.getString();
                }
                parser.skipChildren();
            }
        } catch (JacksonException e) {
            throw rejected("The order is not valid JSON");
        }
        throw rejected("The order has no order_id");
    }

    /** Returns the coordinates of the order's record in `orders`; empty if the order is not stored. */
    private Optional<Coordinates> stored(String orderId) {
        return jdbc.sql("SELECT 'orders' AS topic, source_partition AS partition, source_offset AS \"offset\""
                        + " FROM orders WHERE order_id = ?")
                .param(orderId)
                .query(Coordinates.class)
                .optional();
    }

    private Replayed send(String orderId, byte[] order, String authorization) {
        ResponseEntity<byte[]> response =
                services.call(Service.PRODUCER, "POST", "/orders", order, authorization, TIMEOUT);
        int status = response.getStatusCode().value();
        if (REJECTED.contains(status)) {
            throw rejected("The ingest API rejects the order: "
                    + json.readTree(response.getBody()).path("detail").asString("status " + status));
        }
        if (!response.getStatusCode().is2xxSuccessful()) {
            throw ServiceClient.unexpected(Service.PRODUCER, "POST /orders", response);
        }
        JsonNode receipt = json.readTree(response.getBody());
        Coordinates record = new Coordinates(
                receipt.path("topic").asString(),
                receipt.path("partition").asInt(),
                receipt.path("offset").asLong(-1));
        return new Replayed(Path.INGEST, orderId, record, null);
    }

    private static ErrorResponseException rejected(String reason) {
        return Problem.of(
                HttpStatus.UNPROCESSABLE_CONTENT, reason + ". Send the corrected order as the body of this request");
    }
}
