package io.onlyonce.query.audit;

import io.onlyonce.model.Topics;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.kafka.PartitionOffsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * One audit at a time. A second request waits for the first to end and then has one of its own: what it is told was
 * looked up after it asked.
 */
@Component
public final class Audit {
    private static final Logger log = LoggerFactory.getLogger(Audit.class);

    private final KafkaAccess kafka;
    private final Tables tables;
    private final QueryProperties.Audit bounds;
    private final ReentrantLock turn = new ReentrantLock(true);
    private volatile AuditClock running;
    private volatile boolean excluded;

    Audit(KafkaAccess kafka, Tables tables, QueryProperties properties) {
        this.kafka = kafka;
        this.tables = tables;
        this.bounds = properties.audit();
    }

    AuditReport run() {
        try {
            if (!turn.tryLock(bounds.timeLimit().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new UnavailableException("Another audit is still running", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("The service is stopping", e);
        }
        try {
            AuditClock clock = new AuditClock(bounds.timeLimit());
            running = clock;
            if (excluded) {
                clock.cancel();
            }
            return run(clock);
        } finally {
            running = null;
            turn.unlock();
        }
    }

    /**
     * Ends the audit that is running and those that wait for it, and keeps later ones waiting until the action is done,
     * which takes their data away. One action at a time.
     */
    public <T> T excludedFrom(Supplier<T> action) {
        excluded = true;
        AuditClock clock = running;
        if (clock != null) {
            clock.cancel();
        }
        turn.lock();
        try {
            // Who waits from before has had its turn by now: the lock is fair.
            excluded = false;
            return action.get();
        } finally {
            turn.unlock();
        }
    }

    private AuditReport run(AuditClock clock) {
        clock.check();
        Logs logs = new Logs(kafka);
        Committed committed = Committed.now(kafka);
        CommittedReader reader = new CommittedReader(kafka, clock);
        Findings findings = new Findings();
        List<AuditReport.LookedAt> lookedAt = lookedAt(logs, committed);
        int passes = passes(logs);
        for (int pass = 0; pass < passes; pass++) {
            new AuditPass(new Slice(pass, passes), logs, tables, committed, findings, clock, reader).run();
            log.info(
                    "Audit: pass {} of {} done after {} s",
                    pass + 1,
                    passes,
                    clock.elapsed().toSeconds());
        }
        return findings.report(passes, clock.elapsed().toMillis(), lookedAt);
    }

    /** As many as keep the largest of the sources below the bound, were the ids spread evenly; which they nearly are. */
    private int passes(Logs logs) {
        long records = Stream.of(Topics.ORDERS, Topics.PROCESSED, Topics.DEAD_LETTERS)
                .mapToLong(topic -> logs.offsets(topic).values().stream()
                        .mapToLong(partition -> partition.end() - partition.logStart())
                        .sum())
                .max()
                .orElse(0);
        long most = Math.max(records, tables.countProcessedRows());
        return Math.toIntExact(Math.max(1, Math.ceilDiv(most, bounds.ordersPerPass())));
    }

    private static List<AuditReport.LookedAt> lookedAt(Logs logs, Committed committed) {
        List<AuditReport.LookedAt> lookedAt = new ArrayList<>();
        sorted(logs, Topics.ORDERS)
                .forEach((partition, offsets) -> lookedAt.add(new AuditReport.LookedAt(
                        Topics.ORDERS,
                        partition,
                        offsets.logStart(),
                        Math.max(offsets.logStart(), committed.orders().getOrDefault(partition, 0L)))));
        sorted(logs, Topics.PROCESSED)
                .forEach((partition, offsets) -> lookedAt.add(new AuditReport.LookedAt(
                        Topics.PROCESSED, partition, offsets.logStart(), offsets.lastStable())));
        return lookedAt;
    }

    private static Map<Integer, PartitionOffsets> sorted(Logs logs, String topic) {
        return new TreeMap<>(logs.offsets(topic));
    }
}
