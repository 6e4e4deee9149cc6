package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.audit.AuditReport;
import io.onlyonce.query.live.Sample.Event;
import io.onlyonce.query.live.Sample.Settings;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Keeps the result of the newest audit of each mode. A verdict is valid only for the data and the time of its audit. */
@RestController
@Tag(name = "Audit")
final class VerdictController {
    /** The events after which the data can differ from the audited data. */
    private static final Set<String> CHANGES = Set.of("failed", "mode", "reset");

    private final History history;
    /** By mode, the newest last. Guarded by this. */
    private final Map<Mode, Audit.Completed> newest = new LinkedHashMap<>();

    VerdictController(History history) {
        this.history = history;
    }

    /**
     * @param processingMode null if the stream was never reached
     * @param enableIdempotency whether the stream deduplicates; null if the stream was never reached
     */
    private record Mode(
            @Nullable String processingMode, @Nullable Boolean enableIdempotency) {}

    /**
     * The result of an audit.
     *
     * @param processingMode the mode of the stream during the audit; null if the stream was never reached
     * @param enableIdempotency whether the stream deduplicates; null if the stream was never reached
     * @param auditedAt the start of the audit
     * @param ageMs milliseconds since then
     * @param outdatedBy what has changed since the audit; null if the result describes the current data
     */
    record RunVerdict(
            @Nullable String processingMode,
            @Nullable Boolean enableIdempotency,
            Instant auditedAt,
            long ageMs,
            @Nullable String outdatedBy,
            @JsonUnwrapped AuditReport report) {}

    /** @param verdicts one per mode, the newest first */
    record RunVerdicts(List<RunVerdict> verdicts) {}

    @EventListener
    synchronized void onAudit(Audit.Completed audit) {
        Settings settings = history.newest().map(Sample::settings).orElse(null);
        Mode mode = settings == null
                ? new Mode(null, null)
                : new Mode(settings.processingMode(), settings.enableIdempotency());
        newest.remove(mode);
        newest.put(mode, audit);
    }

    @GetMapping("/verdicts")
    @Operation(
            operationId = "listVerdicts",
            summary =
                    "Returns the newest audit of each mode since the start of this service, and what has changed since")
    synchronized RunVerdicts verdicts() {
        Instant now = Instant.now();
        return new RunVerdicts(newest.entrySet().stream()
                .map(entry -> verdict(entry.getKey(), entry.getValue(), now))
                .toList()
                .reversed());
    }

    private RunVerdict verdict(Mode mode, Audit.Completed audit, Instant now) {
        return new RunVerdict(
                mode.processingMode,
                mode.enableIdempotency,
                audit.startedAt(),
                Duration.between(audit.startedAt(), now).toMillis(),
                outdatedBy(audit),
                audit.report());
    }

    private @Nullable String outdatedBy(Audit.Completed audit) {
        return history.eventsAfter(0).stream()
                .filter(event -> CHANGES.contains(event.kind()) && event.at().isAfter(audit.startedAt()))
                .map(Event::text)
                .findFirst()
                .orElseGet(() -> changedRows(audit.report()));
    }

    private @Nullable String changedRows(AuditReport report) {
        long change = history.newest()
                .map(Sample::tables)
                .map(tables -> tables.totalProcessedMessages() - report.processedRows())
                .orElse(0L);
        return change == 0 ? null : "The number of rows has changed by %+,d".formatted(change);
    }
}
