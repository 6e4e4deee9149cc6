package io.onlyonce.verifier;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The last orders of a run, at least one a partition, sent when all is healed. Each must come through within the bound.
 *
 * <p>Behind a transaction that nobody ends, nothing is readable: a partition that dangles so, or whose stream or sink
 * has stopped, would look finished, but its sentinel never arrives. A sentinel is sent twice, so that the partitions of
 * {@code orders.duplicates} are put to the same test. As every partition keeps its order, all before a sentinel is through
 * when it is.
 */
final class Sentinels {
    /** Ids hash to partitions by chance; with so many for each partition one is missed less than once in 10^13 runs. */
    static final int MOST_PER_PARTITION = 32;

    private static final long PAUSE_MILLIS = 50;

    private final Plan plan;
    private final Mode mode;
    private final Courier courier;
    private final OutputWatcher output;
    private final SystemUnderTest system;
    private final Findings findings;
    private final long bound;

    Sentinels(
            Plan plan,
            Options options,
            Courier courier,
            OutputWatcher output,
            SystemUnderTest system,
            Findings findings) {
        this.plan = plan;
        this.mode = options.mode();
        this.courier = courier;
        this.output = output;
        this.system = system;
        this.findings = findings;
        this.bound = options.bound().toNanos();
    }

    private record Awaited(Topic topic, String id, CompletableFuture<Void> arrival) {}

    /** Returns when all have come through, or the bound has passed and what is missing is noted. */
    void prove(int partitions) throws InterruptedException {
        List<String> ids = new ArrayList<>();
        List<Awaited> awaited = new ArrayList<>();
        Set<Integer> covered = new HashSet<>();
        for (int n = 0; covered.size() < partitions && n < MOST_PER_PARTITION * partitions; n++) {
            int index = plan.orders() + n;
            String id = plan.id(index);
            await(Topic.ORDERS, id, awaited);
            await(Topic.PROCESSED, id, awaited);
            if (mode.deduplicates()) {
                await(Topic.DUPLICATES, id, awaited);
            }
            if (!(courier.deliver(index) instanceof Answer.Acknowledged(int partition))
                    || !(courier.deliver(index) instanceof Answer.Acknowledged)) {
                findings.add(Anomaly.STALLED, id, "was not acknowledged");
                return;
            }
            ids.add(id);
            covered.add(partition);
        }
        long deadline = System.nanoTime() + bound;
        for (Awaited one : awaited) {
            try {
                one.arrival.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                findings.add(Anomaly.STALLED, one.id, "is not readable in " + one.topic.wireName());
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        awaitRows(ids, deadline);
    }

    private void await(Topic topic, String id, List<Awaited> awaited) {
        awaited.add(new Awaited(topic, id, output.arrival(topic, id)));
    }

    private void awaitRows(List<String> ids, long deadline) throws InterruptedException {
        while (true) {
            String missing = missing(ids);
            if (missing == null) {
                return;
            }
            if (System.nanoTime() - deadline > 0) {
                findings.add(Anomaly.STALLED, "sentinels", missing);
                return;
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    /** @return what is not there yet, or null */
    private String missing(List<String> ids) {
        try (Tables tables = new Tables(system)) {
            if (!tables.hasOrders(ids)) {
                return "not all have a row in orders";
            }
            if (!tables.hasMessages(Topic.PROCESSED, ids)) {
                return "not all have a row in processed_messages";
            }
            if (mode.deduplicates() && !tables.hasMessages(Topic.DUPLICATES, ids)) {
                return "not all have a row in duplicate_messages";
            }
            return null;
        } catch (SQLException e) {
            return "PostgreSQL: " + e.getMessage();
        }
    }
}
