package io.onlyonce.stream.http;

import io.onlyonce.stream.metrics.OrderStats;
import io.onlyonce.stream.runtime.OrderStream;
import io.onlyonce.stream.runtime.PersistedState;
import io.onlyonce.stream.runtime.StreamSettings;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Statistics", description = "The counts of this instance")
final class StatsController {
    private final StreamSettings settings;
    private final OrderStream stream;
    private final OrderStats stats;
    private final PersistedState persisted;

    StatsController(StreamSettings settings, OrderStream stream, OrderStats stats, PersistedState persisted) {
        this.settings = settings;
        this.stream = stream;
        this.stats = stats;
        this.persisted = persisted;
    }

    /**
     * The six counts from messagesConsumed to processingErrors start at the last reset. They count attempts: a message
     * that is processed again counts again.
     *
     * @param conflicts the duplicates with other content, which are also counted in duplicatesDetected
     * @param errorsByType since the start of the process
     * @param threadsReplaced the number of failed stream threads since the start of the process
     * @param topologyRestarts since the start of the process
     * @param crashesSimulated since the state directory was created
     * @param ratePerSecond average number of messages per second over the last ten seconds
     */
    record Stats(
            String consumerId,
            String state,

            @Schema(allowableValues = {"exactly-once", "at-least-once"})
            String processingMode,

            boolean enableIdempotency,
            long messagesConsumed,
            long messagesProcessed,
            long duplicatesDetected,
            long conflicts,
            long deadLetters,
            long processingErrors,
            Map<String, Long> errorsByType,
            long threadsReplaced,
            long topologyRestarts,
            long crashesSimulated,
            double ratePerSecond,
            Instant since) {}

    record Reset(@Schema(allowableValues = "reset") String status) {}

    @GetMapping("/stats")
    @Operation(operationId = "getStats", summary = "Returns the counts of this instance")
    Stats stats() {
        OrderStats.Counts counts = stats.countsSinceReset();
        Mode mode = stream.mode();
        return new Stats(
                settings.instanceId(),
                stream.state(),
                mode.processing().wireName(),
                mode.deduplicating(),
                counts.consumed(),
                counts.processed(),
                counts.duplicates(),
                counts.conflicts(),
                counts.deadLetters(),
                counts.errors(),
                stats.errorsByType(),
                stats.errors(),
                stream.restarts(),
                persisted.crashesSimulated(),
                stats.ratePerSecond(),
                stats.since());
    }

    @PostMapping("/reset-stats")
    @Guarded
    @Operation(operationId = "resetStats", summary = "Restarts the counts of /stats; does not change any orders")
    Reset reset() {
        stats.reset();
        return new Reset("reset");
    }
}
