package io.onlyonce.query.audit;

import io.onlyonce.model.Topics;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.audit.AuditReport.LookedAt;
import io.onlyonce.query.audit.AuditScope.CommittedOffsets;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Runs one audit at a time. Concurrent requests wait and then run their own audit, because the result must not be older
 * than the request.
 */
@RestController
public final class Audit {
    private static final Logger log = LoggerFactory.getLogger(Audit.class);

    private final KafkaClients kafka;
    private final JdbcConnectionDetails database;
    private final QueryProperties.Audit limits;
    private final ReentrantLock lock = new ReentrantLock(true);
    /** Shared by the audits that were requested since the last reset. */
    private volatile AtomicBoolean cancelled = new AtomicBoolean();

    Audit(KafkaClients kafka, JdbcConnectionDetails database, QueryProperties properties) {
        this.kafka = kafka;
        this.database = database;
        this.limits = properties.audit();
    }

    @GetMapping("/audit")
    @Operation(summary = "Compares the orders with the processed records and the tables, and counts the anomalies")
    AuditReport audit() {
        AtomicBoolean cancelledByReset = cancelled;
        try {
            if (!lock.tryLock(limits.timeLimit().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new UnavailableException("Another audit is still running");
            }
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
        try {
            return run(cancelledByReset);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Cancels the running and the waiting audits, then runs the action, which deletes the audited data. Later audits
     * wait until the action has completed. Not for concurrent use.
     */
    public <T> T cancelAndRun(Supplier<T> action) {
        AtomicBoolean requested = cancelled;
        cancelled = new AtomicBoolean();
        requested.set(true);
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    private AuditReport run(AtomicBoolean cancelledByReset) {
        long started = System.nanoTime();
        Runnable check = () -> check(cancelledByReset, started);
        check.run();
        TopicReader topics = new TopicReader(kafka, check);
        TableReader tables = new TableReader(database, check);
        CommittedOffsets committed = CommittedOffsets.read(kafka);
        List<LookedAt> lookedAt = lookedAt(topics, committed);
        Findings findings = new Findings();
        int passes = countPasses(topics, tables);
        for (int pass = 0; pass < passes; pass++) {
            new AuditPass(new AuditPass.Shard(pass, passes), topics, tables, committed, findings).run();
            long seconds = elapsed(started).toSeconds();
            log.info("Audit pass completed pass={} passes={} elapsed_s={}", pass + 1, passes, seconds);
        }
        return findings.report(passes, elapsed(started).toMillis(), lookedAt);
    }

    private void check(AtomicBoolean cancelledByReset, long started) {
        if (cancelledByReset.get()) {
            throw new UnavailableException("The audit was ended by a reset, which deleted the audited data");
        }
        Duration limit = limits.timeLimit();
        if (elapsed(started).compareTo(limit) > 0) {
            throw new UnavailableException("The audit exceeded its time limit of " + limit.toSeconds() + " s");
        }
    }

    private static Duration elapsed(long started) {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** Limits each pass to the configured number of orders. Assumes an even distribution of the order_ids. */
    private int countPasses(TopicReader topics, TableReader tables) {
        long records = Stream.of(Topics.ORDERS, Topics.PROCESSED, Topics.DEAD_LETTERS)
                .mapToLong(topic -> topics.offsets(topic).values().stream()
                        .mapToLong(PartitionOffsets::length)
                        .sum())
                .max()
                .orElse(0);
        long largest = Math.max(records, tables.countProcessedRows());
        return Math.toIntExact(Math.max(1, Math.ceilDiv(largest, limits.ordersPerPass())));
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
