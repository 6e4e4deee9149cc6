package io.onlyonce.stream.http;

import io.onlyonce.stream.runtime.NotRunningException;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.SeenOrder;
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
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;

/** Queries the dedup store of the instance to which the order's partition is assigned. */
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
     * @param firstSeenAt the timestamp of the accepted record
     * @param partition of the accepted record in {@code orders}
     * @param offset of the accepted record in {@code orders}
     * @param rememberedUntil the time, by the clock of the dedup store, from which the id counts as new
     * @param consumerId the instance that responds
     */
    record Seen(
            String orderId,
            Instant firstSeenAt,
            int partition,
            long offset,
            Instant rememberedUntil,
            String consumerId) {}

    @GetMapping("/state/{orderId}")
    @Operation(summary = "Returns when an order_id was first seen; 404 if it is not in the dedup store")
    ResponseEntity<?> state(
            @PathVariable String orderId,
            @RequestHeader(name = Peers.FORWARDED, defaultValue = "false") boolean forwarded) {
        KafkaStreams streams =
                stream.runningTopology().orElseThrow(() -> new NotRunningException("the topology is not running"));
        Bytes key = Bytes.wrap(orderId.getBytes(StandardCharsets.UTF_8));
        KeyQueryMetadata owner = streams.queryMetadataForKey(OrderTopology.SEEN_ORDERS, key, new BytesSerializer());
        if (owner.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
            throw new NotRunningException("the instance that stores this id is not known yet");
        }
        if (forwarded || peers.isSelf(owner.activeHost())) {
            return ResponseEntity.ok(local(streams, orderId, key, owner.partition()));
        }
        try {
            return peers.get(owner.activeHost(), "/state/{id}", orderId);
        } catch (RestClientException e) {
            throw new NotRunningException("the instance that stores this id does not respond: " + owner.activeHost());
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
            throw new NotRunningException("the dedup store is being restored or moved to another instance");
        }
        if (entry == null) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "order_id \"" + orderId + "\" has not been seen within the retention");
        }
        SeenOrder seen = SeenOrder.fromBytes(entry);
        return new Seen(
                orderId,
                Instant.ofEpochMilli(seen.timestamp()),
                partition,
                seen.offset(),
                Instant.ofEpochMilli(seen.expiresAt(settings.retention())),
                settings.instanceId());
    }
}
