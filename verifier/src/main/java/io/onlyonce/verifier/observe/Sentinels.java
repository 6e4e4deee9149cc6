package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.SystemUnderTest;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.check.Guarantee;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.load.IngestResponse;
import io.onlyonce.verifier.load.OrderSender;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.dao.DataAccessException;

/**
 * Sends the last orders of a run, at least one per partition, after the last recovery. Each must arrive in every topic
 * and table before the deadline.
 *
 * <p>Records after an open transaction are not readable. A partition with such a transaction, or whose stream or sink has
 * stopped, looks complete, but its sentinel never arrives. Every sentinel is sent twice, so that
 * {@code orders.duplicates} is tested in the same way. Partitions are ordered: if a sentinel has arrived, so has every
 * earlier record.
 */
public final class Sentinels {
    /** Ids are hashed to partitions. With this many per partition, fewer than one in 10^13 runs misses a partition. */
    public static final int MAX_PER_PARTITION = 32;

    private static final long POLL_MILLIS = 50;

    private final OrderPlan plan;
    private final Guarantee guarantee;
    private final OrderSender sender;
    private final OutputWatcher output;
    private final SystemUnderTest system;
    private final Findings findings;

    public Sentinels(
            OrderPlan plan,
            Guarantee guarantee,
            OrderSender sender,
            OutputWatcher output,
            SystemUnderTest system,
            Findings findings) {
        this.plan = plan;
        this.guarantee = guarantee;
        this.sender = sender;
        this.output = output;
        this.system = system;
        this.findings = findings;
    }

    private record Expected(Topic topic, String id, CompletableFuture<Void> arrival) {}

    /** Returns when all sentinels have arrived, or after the timeout, with the missing ones as findings. */
    public void sendAndAwait(int partitions, Duration timeout) throws InterruptedException {
        List<Topic> topics = guarantee.deduplicates()
                ? List.of(Topic.ORDERS, Topic.PROCESSED, Topic.DUPLICATES)
                : List.of(Topic.ORDERS, Topic.PROCESSED);
        List<String> ids = new ArrayList<>();
        List<Expected> expected = new ArrayList<>();
        Set<Integer> covered = new HashSet<>();
        for (int n = 0; covered.size() < partitions && n < MAX_PER_PARTITION * partitions; n++) {
            int index = plan.orders() + n;
            String id = plan.id(index);
            topics.forEach(topic -> expected.add(new Expected(topic, id, output.arrival(topic, id))));
            if (!(sender.send(index) instanceof IngestResponse.Acknowledged(int partition))
                    || !(sender.send(index) instanceof IngestResponse.Acknowledged)) {
                findings.add(Anomaly.STALLED, id, "not acknowledged");
                return;
            }
            ids.add(id);
            covered.add(partition);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        for (Expected one : expected) {
            try {
                one.arrival.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                findings.add(Anomaly.STALLED, one.id, "not readable in " + one.topic.wireName());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        awaitRows(ids, deadline);
    }

    private void awaitRows(List<String> ids, long deadline) throws InterruptedException {
        List<String> tables = guarantee.deduplicates()
                ? List.of("orders", "processed_messages", "duplicate_messages")
                : List.of("orders", "processed_messages");
        for (String missing = missing(ids, tables); missing != null; missing = missing(ids, tables)) {
            if (System.nanoTime() - deadline > 0) {
                findings.add(Anomaly.STALLED, "sentinels", missing);
                return;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    /** Describes the first missing row; null if no row is missing. */
    private String missing(List<String> ids, List<String> tables) {
        try (TableReader reader = new TableReader(system)) {
            return tables.stream()
                    .filter(table -> !reader.hasAll(table, ids))
                    .findFirst()
                    .map(table -> "at least one row is missing in " + table)
                    .orElse(null);
        } catch (DataAccessException e) {
            return "PostgreSQL: " + e.getMessage();
        }
    }
}
