package io.onlyonce.stream;

import io.swagger.v3.oas.annotations.Operation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClientException;

/** Asks the dedup memory, in whichever instance the id's partition is. */
@RestController
final class StateController {
    private final OrderStream stream;
    private final Peers peers;
    private final StreamSettings settings;

    StateController(OrderStream stream, Peers peers, StreamSettings settings) {
        this.stream = stream;
        this.peers = peers;
        this.settings = settings;
    }

    /**
     * @param firstSeenAt timestamp of the record that was accepted
     * @param partition of {@code orders} that it was read from
     * @param offset of that record in it
     * @param rememberedUntil from then on the id counts as unseen, by the stream's time
     * @param consumerId the instance that answers
     */
    record Seen(
            String orderId,
            Instant firstSeenAt,
            int partition,
            long offset,
            Instant rememberedUntil,
            String consumerId) {}

    @GetMapping("/state/{orderId}")
    @Operation(summary = "When an order_id was first seen; 404 if it is not remembered")
    ResponseEntity<?> state(
            @PathVariable String orderId,
            @RequestHeader(name = Peers.RELAYED, defaultValue = "false") boolean relayed) {
        KafkaStreams streams = stream.runningTopology()
                .orElseThrow(() -> new OrderStream.NotRunningException("the topology is not running"));
        Bytes key = Bytes.wrap(orderId.getBytes(StandardCharsets.UTF_8));
        KeyQueryMetadata place = streams.queryMetadataForKey(OrderTopology.SEEN_ORDERS, key, new BytesSerializer());
        if (place.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
            throw new OrderStream.NotRunningException("it is not known yet which instance remembers this id");
        }
        if (relayed || peers.isSelf(place.activeHost())) {
            return ResponseEntity.ok(local(streams, orderId, key, place.partition()));
        }
        try {
            return peers.ask(place.activeHost(), "/state/{id}", orderId);
        } catch (RestClientException e) {
            throw new OrderStream.NotRunningException(
                    "the instance at " + place.activeHost() + " remembers this id, and does not answer");
        }
    }

    private Seen local(KafkaStreams streams, String orderId, Bytes key, int partition) {
        byte[] entry;
        try {
            entry = streams.store(StoreQueryParameters.fromNameAndType(
                                    OrderTopology.SEEN_ORDERS, QueryableStoreTypes.<Bytes, byte[]>keyValueStore())
                            .withPartition(partition))
                    .get(key);
        } catch (InvalidStateStoreException e) {
            throw new OrderStream.NotRunningException("the memory has just moved, or is being restored");
        }
        if (entry == null) {
            throw neverSeen(orderId);
        }
        SeenOrder seen = SeenOrder.fromBytes(entry);
        return new Seen(
                orderId,
                Instant.ofEpochMilli(seen.timestamp()),
                partition,
                seen.offset(),
                Instant.ofEpochMilli(seen.forgottenAt(settings.retention())),
                settings.instanceId());
    }

    private static ErrorResponseException neverSeen(String orderId) {
        ErrorResponseException notFound = new ErrorResponseException(HttpStatus.NOT_FOUND);
        notFound.setDetail("order_id \"" + orderId + "\" has not been seen within the retention");
        return notFound;
    }
}
