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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.dao.DataAccessException;

/**
 * Sends the last orders of a run, at least one per partition, after the last recovery. Each must arrive in every topic
 * and table before the deadline.
 *
 * <p>A partition with an open transaction, or whose stream or sink has stopped, looks complete, but its sentinel never
 * arrives. If a sentinel has arrived, so has every earlier record of its partition. Every sentinel is sent twice, to
 * test {@code orders.duplicates} in the same way.
 */
public record Sentinels(
        OrderPlan plan,
        Guarantee guarantee,
        OrderSender sender,
        OutputWatcher output,
        SystemUnderTest system,
        Findings findings) {
    /** Ids are hashed to partitions. With this many per partition, fewer than one in 10^13 runs misses a partition. */
    public static final int MAX_PER_PARTITION = 32;

    private static final long POLL_MILLIS = 50;

    /** Returns when all sentinels have arrived, or after the timeout, with the missing ones as findings. */
    public void sendAndAwait(int partitions, Duration timeout) throws InterruptedException {
        List<Topic> topics = guarantee.deduplicates()
                ? List.of(Topic.ORDERS, Topic.PROCESSED, Topic.DUPLICATES)
                : List.of(Topic.ORDERS, Topic.PROCESSED);
        List<String> ids = new ArrayList<>();
        Set<Integer> covered = new HashSet<>();
        for (int n = 0; covered.size() < partitions && n < MAX_PER_PARTITION * partitions; n++) {
            int index = plan.orders() + n;
            String id = plan.id(index);
            topics.forEach(topic -> output.expect(topic, id));
            if (!(sender.send(index) instanceof IngestResponse.Acknowledged(int partition))
                    || !(sender.send(index) instanceof IngestResponse.Acknowledged)) {
                findings.add(Anomaly.STALLED, id, "not acknowledged");
                return;
            }
            ids.add(id);
            covered.add(partition);
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!output.missing().isEmpty() && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        output.missing().forEach(key -> findings.add(Anomaly.STALLED, key.id(), "not readable in " + key.topic()));
        String missing = missing(topics, ids);
        while (missing != null && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            missing = missing(topics, ids);
        }
        if (missing != null) {
            findings.add(Anomaly.STALLED, "sentinels", missing);
        }
    }

    /** Describes the first missing row; null if no row is missing. */
    private String missing(List<Topic> topics, List<String> ids) {
        try (TableReader tables = new TableReader(system)) {
            Stream<String> incomplete =
                    topics.stream().map(TableReader::tableOf).filter(t -> !tables.hasAll(t, ids));
            return incomplete
                    .findFirst()
                    .map("at least one row is missing in "::concat)
                    .orElse(null);
        } catch (DataAccessException e) {
            return "PostgreSQL: " + e.getMessage();
        }
    }
}
