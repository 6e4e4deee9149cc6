package io.onlyonce.stream.http;

import io.onlyonce.stream.runtime.NotRunningException;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.OrderTopology;
import io.onlyonce.stream.topology.SeenOrder;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Hidden;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.BytesSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.TaskMetadata;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClientException;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.view.RedirectView;

/** Describes, stops and starts the topology, and queries its dedup store. */
@RestController
@Tag(name = "Topology", description = "The topology and its dedup store")
final class TopologyController {
    private final OrderStream stream;
    private final Peers peers;
    private final StreamSettings settings;
    private volatile List<URI> stoppedTogether = List.of();

    TopologyController(OrderStream stream, Peers peers, StreamSettings settings) {
        this.stream = stream;
        this.peers = peers;
        this.settings = settings;
    }

    /**
     * @param committed the committed offset, by partition of {@code orders}
     * @param end the last known end offset, by partition of {@code orders}
     */
    record Task(String id, Map<String, Long> committed, Map<String, Long> end) {
        static Task of(TaskMetadata task) {
            return new Task(task.taskId().toString(), byName(task.committedOffsets()), byName(task.endOffsets()));
        }

        private static Map<String, Long> byName(Map<TopicPartition, Long> offsets) {
            return offsets.entrySet().stream()
                    .collect(Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue));
        }
    }

    record StreamThread(String name, String state, List<Task> active, List<Task> standby) {
        static StreamThread of(ThreadMetadata thread) {
            return new StreamThread(
                    thread.threadName(),
                    thread.threadState(),
                    thread.activeTasks().stream().map(Task::of).toList(),
                    thread.standbyTasks().stream().map(Task::of).toList());
        }
    }

    record TopologyView(
            String description, String state, String consumerId, List<URI> peers, List<StreamThread> threads) {}

    record State(String state) {}

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

    @GetMapping("/topology")
    @Operation(operationId = "getTopology", summary = "Returns the topology and the stream threads of this instance")
    TopologyView topology() {
        List<StreamThread> threads = stream.runningTopology().stream()
                .flatMap(streams -> streams.metadataForLocalThreads().stream())
                .sorted(Comparator.comparing(ThreadMetadata::threadName))
                .map(StreamThread::of)
                .toList();
        return new TopologyView(stream.description(), stream.state(), settings.instanceId(), peers.others(), threads);
    }

    /** Redirects a browser that opens the root URL to a useful page. */
    @GetMapping("/")
    @Hidden
    RedirectView root() {
        return new RedirectView("/topology");
    }

    @PostMapping("/topology/stop")
    @Guarded
    @Operation(operationId = "stopTopology", summary = "Stops processing on all instances until /topology/start")
    State stop(
            @Parameter(hidden = true) @RequestHeader(name = Peers.FORWARDED, defaultValue = "false")
                    boolean forwarded) {
        if (!forwarded) {
            // The other instances are known only while the topology runs.
            List<URI> others = peers.others();
            stoppedTogether = others.isEmpty() ? stoppedTogether : others;
        }
        peers.runOnAll(stream::stop, forwarded ? List.of() : stoppedTogether, "/topology/stop", Map.of());
        return new State(stream.state());
    }

    @PostMapping("/topology/start")
    @Guarded
    @Operation(
            operationId = "startTopology",
            summary = "Resumes processing after /topology/stop, and responds when the topology runs")
    State start(
            @Parameter(hidden = true) @RequestHeader(name = Peers.FORWARDED, defaultValue = "false")
                    boolean forwarded) {
        peers.runOnAll(stream::resume, forwarded ? List.of() : stoppedTogether, "/topology/start", Map.of());
        stoppedTogether = List.of();
        return new State(stream.state());
    }

    @GetMapping("/state/{order_id}")
    @Operation(
            operationId = "getState",
            summary = "Returns when an order_id was first seen; 404 if it is not in the dedup store")
    @ApiResponse(
            responseCode = "200",
            description = "OK",
            content = @Content(schema = @Schema(implementation = Seen.class)))
    ResponseEntity<?> state(
            @PathVariable("order_id") String orderId,
            @Parameter(hidden = true) @RequestHeader(name = Peers.FORWARDED, defaultValue = "false")
                    boolean forwarded) {
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
