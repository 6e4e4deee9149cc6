package io.onlyonce.bench;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Extrapolates the results of one machine to rates that it cannot reach. The model is linear, so it is accurate to an
 * order of magnitude and shows which resource is exhausted first. docs/scaling.md lists the assumptions.
 */
final class Capacity {
    static final List<Integer> RATES = List.of(10_000, 100_000, 1_000_000);

    /** Share of a core or a connection that is planned for. The rest is for peaks and for catching up after a restart. */
    static final double UTILIZATION = 0.6;

    static final int STREAM_THREADS = 2;
    static final int REPLICATION = 3;
    static final int STANDBY_REPLICAS = 1;
    static final Duration RETENTION = Duration.ofDays(7);

    /** The number of threads can double without new partitions. */
    static final int PARTITIONS_PER_THREAD = 2;

    static final int MIN_PARTITIONS = 6;
    static final int MIN_BROKERS = 3;

    /** Sustained traffic in both directions: about half of a 10 Gbit/s port. */
    static final double BROKER_MB_PER_SECOND = 600;

    /** A larger store takes hours to restore from the changelog. */
    static final double STORE_GB_PER_INSTANCE = 200;

    /** Replicas included; more of them make the leader elections after a failure slow. */
    static final int PARTITIONS_PER_BROKER = 4_000;

    /** Topics with as many partitions as {@code orders}: itself, processed, duplicates, dead letters and changelog. */
    static final int TOPICS = 5;

    /** One in {@code orders} and one in {@code processed_messages}. */
    static final int ROWS_PER_ORDER = 2;

    /** The connectors that read {@code orders.processed}. */
    static final int PROCESSED_READERS = 2;

    /** Concurrent writers of a PostgreSQL server, until its only write-ahead log is the limit. */
    static final int WRITERS_PER_SERVER = 8;

    /** The results and figures of a run that the model needs. */
    static final List<String> INPUTS = List.of(
            "ingest.eos_vs_at_most_once",
            "stream.eos_vs_alos",
            "order.record_bytes",
            "processed.record_bytes",
            "store.bytes_per_id",
            "store.filter_bytes_per_id",
            "changelog.bytes_per_id",
            "sink.vs_batch_insert");

    private Capacity() {}

    record Measured(
            double ingestPerCore,
            double streamPerCore,
            double orderBytes,
            double processedBytes,
            double storeBytesPerId,
            double filterBytesPerId,
            double changelogBytesPerId,
            double sinkRowsPerSecond) {
        /** @param values by name, with all {@link #INPUTS} */
        static Measured of(Map<String, Double> values, int cores) {
            return new Measured(
                    values.get("ingest.eos_vs_at_most_once") / cores,
                    values.get("stream.eos_vs_alos") / cores,
                    values.get("order.record_bytes"),
                    values.get("processed.record_bytes"),
                    values.get("store.bytes_per_id"),
                    values.get("store.filter_bytes_per_id"),
                    values.get("changelog.bytes_per_id"),
                    values.get("sink.vs_batch_insert"));
        }
    }

    /** @param times demand ÷ capacity of one unit; above 1, the load must be divided among several units */
    record Limit(String resource, double times) {}

    /** The resources for a rate. */
    static final class Plan {
        final int ordersPerSecond;
        final int ingestCores;
        final int streamCores;
        /** Required by processor time. */
        final int streamInstances;
        /** Required by the size of the dedup store. */
        final int instancesByStore;

        final int partitions;
        /** Required by the traffic, replication included. */
        final int brokersByNetwork;
        /** MB/s of all brokers in both directions. */
        final double networkMb;
        /** On the disks of all instances, standbys included. */
        final double storeGb;
        /** RAM for the bloom filters and indexes of the store, standbys included. */
        final double filterGb;
        /** On the brokers, replicas included. */
        final double changelogGb;
        /** Sink tasks, each with its own connection. */
        final int writers;

        Plan(Measured measured, int rate) {
            ordersPerSecond = rate;
            ingestCores = ceil(rate / (measured.ingestPerCore() * UTILIZATION));
            streamCores = ceil(rate / (measured.streamPerCore() * UTILIZATION));
            streamInstances = ceil((double) streamCores / STREAM_THREADS);
            partitions = Math.max(MIN_PARTITIONS, streamInstances * STREAM_THREADS * PARTITIONS_PER_THREAD);
            writers = ceil(rate * ROWS_PER_ORDER / (measured.sinkRowsPerSecond() * UTILIZATION));

            double in = measured.orderBytes() + measured.processedBytes() + measured.changelogBytesPerId();
            double out = measured.orderBytes()
                    + PROCESSED_READERS * measured.processedBytes()
                    + STANDBY_REPLICAS * measured.changelogBytesPerId();
            // REPLICATION brokers receive each byte, and the leader sends it to the followers.
            networkMb = rate * (in * REPLICATION + in * (REPLICATION - 1) + out) / 1e6;
            brokersByNetwork = Math.max(MIN_BROKERS, ceil(networkMb / BROKER_MB_PER_SECOND));

            double gigaIds = rate * RETENTION.toSeconds() / 1e9;
            storeGb = gigaIds * measured.storeBytesPerId() * (1 + STANDBY_REPLICAS);
            instancesByStore = ceil(storeGb / STORE_GB_PER_INSTANCE);
            filterGb = gigaIds * measured.filterBytesPerId() * (1 + STANDBY_REPLICAS);
            changelogGb = gigaIds * measured.changelogBytesPerId() * REPLICATION;
        }

        /** Returns the limit that is exceeded most. */
        Limit first() {
            double partitionsPerBroker = (double) partitions * TOPICS * REPLICATION / brokersByNetwork;
            double storePerInstance = storeGb / streamInstances;
            return Stream.of(
                            new Limit("PostgreSQL: writers to one server", (double) writers / WRITERS_PER_SERVER),
                            new Limit(
                                    "dedup store: GB per instance, and its restore time",
                                    storePerInstance / STORE_GB_PER_INSTANCE),
                            new Limit("network of three brokers", networkMb / (MIN_BROKERS * BROKER_MB_PER_SECOND)),
                            new Limit("partitions per broker", partitionsPerBroker / PARTITIONS_PER_BROKER))
                    .max(Comparator.comparingDouble(Limit::times))
                    .orElseThrow();
        }
    }

    private static int ceil(double number) {
        return (int) Math.ceil(number);
    }

    /** Returns two Markdown tables: the measured values, and the resources for each of {@link #RATES}. */
    static String page(Measured measured) {
        List<Plan> plans = RATES.stream().map(rate -> new Plan(measured, rate)).toList();
        return String.join(
                "\n",
                "| measured | |",
                "|---|---|",
                fact("ingest, orders/s per core", measured.ingestPerCore()),
                fact("stream, orders/s per core", measured.streamPerCore()),
                fact("record of `orders`, bytes", measured.orderBytes()),
                fact("record of `orders.processed`, bytes", measured.processedBytes()),
                fact("dedup store, bytes per id on disk", measured.storeBytesPerId()),
                fact("dedup store, bytes per id in RAM", measured.filterBytesPerId()),
                fact("dedup store, bytes per id in the changelog", measured.changelogBytesPerId()),
                fact("sink, rows/s per writer", measured.sinkRowsPerSecond()),
                "",
                row("orders/s", plans, plan -> plan.ordersPerSecond),
                "|---|" + "---|".repeat(plans.size()),
                row("cores for the ingest", plans, plan -> plan.ingestCores),
                row("cores for the stream", plans, plan -> plan.streamCores),
                row("stream instances, 2 threads each", plans, plan -> plan.streamInstances),
                row("stream instances by dedup store, 200 GB each", plans, plan -> plan.instancesByStore),
                row("partitions of each topic", plans, plan -> plan.partitions),
                row("brokers, by network", plans, plan -> plan.brokersByNetwork),
                row("network of all brokers, MB/s", plans, plan -> plan.networkMb),
                row("dedup stores, GB", plans, plan -> plan.storeGb),
                row("RAM for the filters of the dedup stores, GB", plans, plan -> plan.filterGb),
                row("changelog of the dedup stores, GB", plans, plan -> plan.changelogGb),
                row("PostgreSQL writers", plans, plan -> plan.writers),
                row(
                        "first exhausted (demand ÷ capacity of one unit)",
                        plans.stream().map(Capacity::first)),
                "");
    }

    private static String first(Plan plan) {
        Limit first = plan.first();
        return first.resource() + " (" + BenchReport.number(first.times()) + ")";
    }

    private static String fact(String name, double value) {
        return row(name, Stream.of(BenchReport.number(value)));
    }

    private static String row(String name, List<Plan> plans, ToDoubleFunction<Plan> cell) {
        return row(name, plans.stream().map(plan -> String.format(Locale.ROOT, "%,.0f", cell.applyAsDouble(plan))));
    }

    private static String row(String name, Stream<String> cells) {
        return "| " + name + " | " + String.join(" | ", cells.toList()) + " |";
    }
}
