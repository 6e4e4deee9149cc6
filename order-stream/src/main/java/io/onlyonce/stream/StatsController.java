package io.onlyonce.stream;

import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class StatsController {
    private final StreamSettings settings;
    private final OrderStream stream;
    private final OrderJournal journal;
    private final ThreadFailures failures;
    private final PersistedState persisted;

    StatsController(
            StreamSettings settings,
            OrderStream stream,
            OrderJournal journal,
            ThreadFailures failures,
            PersistedState persisted) {
        this.settings = settings;
        this.stream = stream;
        this.journal = journal;
        this.failures = failures;
        this.persisted = persisted;
    }

    /**
     * @param messagesConsumed attempts, in this instance, since the process started or the statistics were reset; as are
     *     the four below. A message that is tried again counts again
     * @param errorsByType since the process started
     * @param threadsReplaced since the process started, as topologyRestarts
     * @param crashesSimulated ever, in this state directory
     * @param ratePerSecond messages consumed, over the last ten seconds
     */
    record Stats(
            String consumerId,
            String state,
            String processingMode,
            boolean enableIdempotency,
            long messagesConsumed,
            long messagesProcessed,
            long duplicatesDetected,
            long deadLetters,
            long processingErrors,
            Map<String, Long> errorsByType,
            long threadsReplaced,
            long topologyRestarts,
            long crashesSimulated,
            double ratePerSecond,
            Instant since) {}

    record Reset(String status) {}

    @GetMapping("/stats")
    @Operation(summary = "What this instance has done")
    Stats stats() {
        OrderJournal.Counts counts = journal.countsSinceReset();
        Mode mode = stream.mode();
        return new Stats(
                settings.instanceId(),
                stream.state(),
                mode.processing().wireName(),
                mode.deduplicating(),
                counts.consumed(),
                counts.processed(),
                counts.duplicates(),
                counts.deadLetters(),
                counts.errors(),
                journal.errorsByType(),
                failures.threadsReplaced(),
                stream.restarts(),
                persisted.crashesSimulated(),
                journal.ratePerSecond(),
                journal.since());
    }

    @PostMapping("/reset-stats")
    @Guarded
    @Operation(summary = "Begins the counts of /stats anew; the orders themselves are not touched")
    Reset reset() {
        journal.reset();
        return new Reset("reset");
    }
}
