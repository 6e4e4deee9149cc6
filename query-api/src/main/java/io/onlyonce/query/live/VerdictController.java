package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.audit.AuditReport;
import io.onlyonce.query.live.Sample.Event;
import io.onlyonce.query.live.Sample.Settings;
import io.onlyonce.query.tables.InFlight;
import io.onlyonce.query.tables.Totals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Keeps the result of the newest audit of each mode. A verdict is valid only for the audited data. */
@RestController
@Tag(name = "Audit")
final class VerdictController {
    /** Events that change the data, or that can change it. */
    private static final Set<String> CHANGES = Set.of("failed", "mode", "reset");

    private static final String NO_TABLES = "Unknown: PostgreSQL does not answer";

    private final History history;
    private final Supplier<Totals.Stats> totals;
    private final Supplier<@Nullable Long> inFlight;
    /** By mode, the newest last. Access only with the monitor of this object. */
    private final Map<Mode, Audited> newest = new LinkedHashMap<>();

    @Autowired
    VerdictController(History history, Totals totals, InFlight inFlight) {
        this(history, totals::read, () -> inFlight.await(0));
    }

    VerdictController(History history, Supplier<Totals.Stats> totals, Supplier<@Nullable Long> inFlight) {
        this.history = history;
        this.totals = totals;
        this.inFlight = inFlight;
    }

    /**
     * @param processingMode null if the stream was never reached
     * @param enableIdempotency whether the stream deduplicates; null if the stream was never reached
     */
    private record Mode(
            @Nullable String processingMode, @Nullable Boolean enableIdempotency) {}

    /**
     * @param duplicates rejected duplicates at the end of the audit; null if PostgreSQL did not answer
     * @param lastEvent the id of the newest event at the end of the audit
     * @param outdatedBy the first change that was found; null if there was none
     */
    private record Audited(
            AuditReport report,
            Instant at,
            @Nullable Long duplicates,
            long lastEvent,
            @Nullable String outdatedBy) {
        Audited outdated(String reason) {
            return outdatedBy == null ? new Audited(report, at, duplicates, lastEvent, reason) : this;
        }
    }

    /**
     * The result of an audit.
     *
     * @param processingMode the mode of the stream at the end of the audit; null if the stream was never reached
     * @param enableIdempotency whether the stream deduplicates; null if the stream was never reached
     * @param auditedAt the start of the audit
     * @param ageMs the time since `auditedAt` in milliseconds
     * @param outdatedBy why the result does not describe the current data, or why this is unknown; null if it does
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
        newest.put(
                mode,
                new Audited(
                        audit.report(),
                        audit.startedAt(),
                        read().map(Totals.Stats::duplicatesRejected).orElse(null),
                        history.lastEvent(),
                        null));
    }

    @EventListener
    synchronized void onReset(Audit.DataDeleted event) {
        newest.replaceAll((mode, audited) -> audited.outdated("All orders were deleted"));
    }

    @GetMapping("/verdicts")
    @Operation(
            operationId = "listVerdicts",
            summary =
                    "Returns the newest audit of each mode since this service started, with its age and why it is outdated")
    RunVerdicts verdicts() {
        Optional<Totals.Stats> now = read();
        Optional<String> waiting = waiting();
        synchronized (this) {
            newest.replaceAll((mode, audited) ->
                    change(audited, now).map(audited::outdated).orElse(audited));
            return new RunVerdicts(newest.entrySet().stream()
                    .map(entry -> verdict(entry.getKey(), entry.getValue(), now.isPresent(), waiting))
                    .toList()
                    .reversed());
        }
    }

    private Optional<Totals.Stats> read() {
        try {
            return Optional.of(totals.get());
        } catch (DataAccessException e) {
            return Optional.empty();
        }
    }

    /** Returns a text if acknowledged records are not stored yet, or if this is unknown. */
    private Optional<String> waiting() {
        try {
            Long records = inFlight.get();
            if (records == null) {
                return Optional.of("Unknown: Kafka does not answer");
            }
            return records == 0 ? Optional.empty() : Optional.of("%,d records are not stored yet".formatted(records));
        } catch (DataAccessException e) {
            return Optional.of(NO_TABLES);
        }
    }

    private static RunVerdict verdict(Mode mode, Audited audited, boolean tablesAnswer, Optional<String> waiting) {
        String unknown = tablesAnswer ? waiting.orElse(null) : NO_TABLES;
        return new RunVerdict(
                mode.processingMode,
                mode.enableIdempotency,
                audited.at,
                Duration.between(audited.at, Instant.now()).toMillis(),
                audited.outdatedBy == null ? unknown : audited.outdatedBy,
                audited.report);
    }

    /** Returns the first change since the audit. */
    private Optional<String> change(Audited audited, Optional<Totals.Stats> now) {
        Stream<String> events = history.eventsAfter(audited.lastEvent).stream()
                .filter(event -> CHANGES.contains(event.kind()))
                .map(Event::text);
        Stream<String> counts = now.stream()
                .flatMap(stats -> Stream.of(
                        changed("rows", audited.report.processedRows(), stats.totalProcessedMessages()),
                        changed("rejected duplicates", audited.duplicates, stats.duplicatesRejected())))
                .flatMap(Optional::stream);
        return Stream.concat(events, counts).findFirst();
    }

    private static Optional<String> changed(String what, @Nullable Long before, long after) {
        return before == null || before == after
                ? Optional.empty()
                : Optional.of("The number of %s has changed by %+,d".formatted(what, after - before));
    }
}
