package io.onlyonce.query.audit;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.SharedRuns;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.audit.AuditReport.LookedAt;
import io.onlyonce.query.audit.AuditScope.CommittedOffsets;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.onlyonce.query.tables.InFlight;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Runs one audit at a time. Requests that arrive during an audit share the next one, because the result must not be older
 * than the request.
 */
@RestController
@Tag(name = "Audit", description = "Compares the topics with the tables")
public final class Audit {
    private static final Logger log = LoggerFactory.getLogger(Audit.class);

    /** An id of 36 characters, one source record, one processed record, and two rows, and 15 % for uneven shards. */
    private static final int BYTES_PER_ORDER = 400;

    private final KafkaClients kafka;
    private final JdbcConnectionDetails database;
    private final InFlight inFlight;
    private final ClientConnections clients;
    private final QueryProperties.Audit limits;
    private final Sink sink;
    private final LongTaskTimer timer;
    private final ApplicationEventPublisher listeners;
    private final SharedRuns<AuditReport> runs = new SharedRuns<>("audit", this::runUnlessReset);
    /** Held during an audit and during a reset. */
    private final ReentrantLock lock = new ReentrantLock(true);

    private volatile boolean resetWaits;

    Audit(
            KafkaClients kafka,
            JdbcConnectionDetails database,
            InFlight inFlight,
            ClientConnections clients,
            QueryProperties properties,
            MeterRegistry registry,
            ApplicationEventPublisher listeners) {
        this.kafka = kafka;
        this.database = database;
        this.inFlight = inFlight;
        this.clients = clients;
        this.limits = properties.audit();
        this.sink = properties.selectedSink();
        this.listeners = listeners;
        this.timer =
                LongTaskTimer.builder("audit").description("The running audit").register(registry);
    }

    @GetMapping("/audit")
    @Operation(
            operationId = "audit",
            summary =
                    "Compares the orders with the processed records and the tables, and counts the anomalies. Waits up to "
                            + "`wait` seconds until no order is in flight")
    Result audit(
            @Schema(minimum = "0", maximum = "60") @RequestParam(defaultValue = "0") int wait,
            HttpServletRequest request) {
        Long ordersInFlight = inFlight.await(wait);
        return new Result(runs.get(limits.timeLimit(), () -> clients.isClosed(request)), ordersInFlight);
    }

    /**
     * @param ordersInFlight as in `GET /stats`, before the audit. In contrast to `notStored`, includes duplicates and records
     *     in open transactions; null if Kafka does not answer in time
     */
    @Schema(name = "AuditResult")
    record Result(
            @JsonUnwrapped AuditReport report, @Nullable Long ordersInFlight) {}

    /**
     * Published after each audit.
     *
     * @param startedAt the report contains at least the data of this time
     */
    public record Completed(AuditReport report, Instant startedAt) {}

    /** Published before the audited data is deleted. */
    public record DataDeleted() {}

    /**
     * Cancels the running audit, then runs the action, which deletes the audited data. Waiting and later audits start after
     * the action has completed. Not for concurrent use.
     */
    public <T> T cancelAndRun(Supplier<T> action) {
        resetWaits = true;
        lock.lock();
        try {
            resetWaits = false;
            listeners.publishEvent(new DataDeleted());
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    private AuditReport runUnlessReset(BooleanSupplier abandoned) {
        lock.lock();
        try {
            long started = System.nanoTime();
            Instant startedAt = Instant.now();
            AuditReport report = timer.record(() -> run(startedAt, started, () -> check(abandoned, started)));
            listeners.publishEvent(new Completed(report, startedAt));
            return report;
        } finally {
            lock.unlock();
        }
    }

    private AuditReport run(Instant now, long started, Runnable check) {
        check.run();
        TopicReader topics = new TopicReader(kafka, check);
        TableReader tables = new TableReader(database, check);
        CommittedOffsets committed = CommittedOffsets.read(kafka, sink);
        List<LookedAt> lookedAt = lookedAt(topics, committed);
        int passes = estimatePasses(topics, tables);
        while (true) {
            try {
                Findings findings = new Findings();
                for (int pass = 0; pass < passes; pass++) {
                    AuditPass.Shard shard = new AuditPass.Shard(pass, passes);
                    PassMemory memory = new PassMemory(limits.bytesPerPass().toBytes());
                    new AuditPass(shard, topics, tables, committed, memory, findings).run();
                    long seconds = elapsed(started).toSeconds();
                    log.info("Audit pass completed pass={} passes={} elapsed_s={}", pass + 1, passes, seconds);
                }
                return findings.report(now, passes, elapsed(started).toMillis(), lookedAt);
            } catch (PassMemory.ExceededException e) {
                log.info("Audit pass needs too much memory, starting again with more passes={}", 2 * passes);
                passes = 2 * passes;
            }
        }
    }

    private void check(BooleanSupplier abandoned, long started) {
        if (resetWaits) {
            throw new UnavailableException("The audit was ended by a reset, which deleted the audited data");
        }
        if (abandoned.getAsBoolean()) {
            throw new UnavailableException("The audit was ended because all of its clients have disconnected");
        }
        Duration limit = limits.timeLimit();
        if (elapsed(started).compareTo(limit) > 0) {
            throw new UnavailableException("The audit exceeded its time limit of " + limit.toSeconds() + " s");
        }
    }

    private static Duration elapsed(long started) {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** Assumes that the order_ids have a usual length and are evenly distributed. */
    private int estimatePasses(TopicReader topics, TableReader tables) {
        long records = Stream.of(Topics.ORDERS, Topics.PROCESSED, Topics.DEAD_LETTERS)
                .mapToLong(topic -> topics.offsets(topic).values().stream()
                        .mapToLong(PartitionOffsets::length)
                        .sum())
                .max()
                .orElse(0);
        long largest = Math.max(records, tables.countProcessedRows());
        return Math.toIntExact(Math.max(
                1, Math.ceilDiv(largest * BYTES_PER_ORDER, limits.bytesPerPass().toBytes())));
    }

    private static List<LookedAt> lookedAt(TopicReader topics, CommittedOffsets committed) {
        List<LookedAt> lookedAt = new ArrayList<>();
        topics.offsets(Topics.ORDERS).forEach((partition, offsets) -> {
            long end = Math.max(offsets.logStart(), committed.stream().getOrDefault(partition, 0L));
            lookedAt.add(new LookedAt(Topics.ORDERS, partition, offsets.logStart(), end));
        });
        topics.offsets(Topics.PROCESSED)
                .forEach((partition, offsets) -> lookedAt.add(
                        new LookedAt(Topics.PROCESSED, partition, offsets.logStart(), offsets.lastStable())));
        return lookedAt;
    }
}
