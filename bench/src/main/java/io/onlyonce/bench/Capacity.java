package io.onlyonce.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Carries what was measured on one machine to rates that it cannot reach. Straight lines through one point each: good
 * enough for an order of magnitude, and to see what gives way first. docs/scaling.md says what is assumed.
 */
final class Capacity {
    static final List<Integer> RATES = List.of(10_000, 100_000, 1_000_000);

    /** Of a core or a connection, so that a peak and a restart have room. */
    static final double UTILISATION = 0.6;

    static final int STREAM_THREADS = 2;
    static final int REPLICATION = 3;
    static final int STANDBY_REPLICAS = 1;
    static final Duration RETENTION = Duration.ofDays(7);

    /** Two for each stream thread, so that the number of threads can double without new partitions. */
    static final int PARTITIONS_PER_THREAD = 2;

    static final int FEWEST_PARTITIONS = 6;
    static final int FEWEST_BROKERS = 3;

    /** In and out, sustained: about half of a 10 Gbit/s port. */
    static final double BROKER_MB_PER_SECOND = 600;

    /** Above it, a restore from the changelog takes hours. */
    static final double STORE_GB_PER_INSTANCE = 200;

    /** What one broker hosts without a long election after a failure, replicas included. */
    static final int PARTITIONS_PER_BROKER = 4_000;

    /** The topics that have as many partitions as {@code orders}: with it the processed, duplicates, dlq, changelog. */
    static final int TOPICS = 5;

    /** Each order is a row in {@code orders} and one in {@code processed_messages}. */
    static final int ROWS_PER_ORDER = 2;

    /** The connectors that read {@code orders.processed}. */
    static final int PROCESSED_READERS = 2;

    /** Writers that one PostgreSQL server takes before its write-ahead log, which is one, is the limit. */
    static final int WRITERS_PER_SERVER = 8;

    private static final double MEGA = 1e6;
    private static final double GIGA = 1e9;

    private Capacity() {}

    /** Of what the bench measures, that which the model needs. */
    record Measured(
            double ingestPerCore,
            double streamPerCore,
            double orderBytes,
            double processedBytes,
            double storeBytesPerId,
            double filterBytesPerId,
            double changelogBytesPerId,
            double sinkRowsPerSecond) {}

    /** A figure that a run has not given. */
    record Missing(String name) {}

    /** Exactly one of both is there. */
    record Input(Optional<Measured> measured, List<Missing> missing) {
        static Input of(List<Result> results, Map<String, Double> figures, int cores) {
            List<Missing> missing = new ArrayList<>();
            Function<String, Double> figure = name -> taken(Optional.ofNullable(figures.get(name)), name, missing);
            Function<String, Double> value = name -> taken(
                    results.stream()
                            .filter(result -> result.name().equals(name))
                            .map(Result::value)
                            .findFirst(),
                    name,
                    missing);
            Measured measured = new Measured(
                    value.apply("ingest.eos_vs_at_most_once") / cores,
                    value.apply("stream.eos_vs_alos") / cores,
                    figure.apply("order.record_bytes"),
                    figure.apply("processed.record_bytes"),
                    figure.apply("store.bytes_per_id"),
                    figure.apply("store.filter_bytes_per_id"),
                    figure.apply("changelog.bytes_per_id"),
                    value.apply("sink.vs_batch_insert"));
            return new Input(missing.isEmpty() ? Optional.of(measured) : Optional.empty(), missing);
        }

        private static double taken(Optional<Double> value, String name, List<Missing> missing) {
            if (value.isEmpty()) {
                missing.add(new Missing(name));
            }
            return value.orElse(Double.NaN);
        }
    }

    /**
     * What a rate takes.
     *
     * @param streamInstances that the cores need
     * @param instancesByMemory that the dedup memory needs, each with as much as it can restore in good time
     * @param brokersByNetwork that the traffic needs, replication included
     * @param networkMb of all brokers together, in and out, a second
     * @param storeGb on the disks of all instances, standbys included
     * @param filterGb in their memory at all times: what spares most lookups the disk
     * @param changelogGb on the brokers, replicas included
     * @param writers of the sink, each with a connection of its own
     * @param first what gives way first, and by how much it is beyond what one unit takes
     */
    record Plan(
            int ordersPerSecond,
            int ingestCores,
            int streamCores,
            int streamInstances,
            int instancesByMemory,
            int partitions,
            int brokersByNetwork,
            double networkMb,
            double storeGb,
            double filterGb,
            double changelogGb,
            int writers,
            Limit first) {}

    /** @param times what is needed ÷ what one unit gives: above 1, it has to be divided among several */
    record Limit(String what, double times) {}

    static Plan plan(Measured measured, int rate) {
        int streamCores = ceil(rate / (measured.streamPerCore() * UTILISATION));
        int instances = ceil((double) streamCores / STREAM_THREADS);
        int partitions = Math.max(FEWEST_PARTITIONS, instances * STREAM_THREADS * PARTITIONS_PER_THREAD);

        double in = rate * (measured.orderBytes() + measured.processedBytes() + measured.changelogBytesPerId());
        double out = rate
                * (measured.orderBytes()
                        + PROCESSED_READERS * measured.processedBytes()
                        + STANDBY_REPLICAS * measured.changelogBytesPerId());
        // A byte that comes in is written by REPLICATION brokers, and sent to those of them that follow.
        double network = (in * REPLICATION + in * (REPLICATION - 1) + out) / MEGA;
        int brokers = Math.max(FEWEST_BROKERS, ceil(network / BROKER_MB_PER_SECOND));

        double ids = (double) rate * RETENTION.toSeconds();
        double store = ids * measured.storeBytesPerId() * (1 + STANDBY_REPLICAS) / GIGA;
        double filters = ids * measured.filterBytesPerId() * (1 + STANDBY_REPLICAS) / GIGA;
        double changelog = ids * measured.changelogBytesPerId() * REPLICATION / GIGA;
        int writers = ceil(rate * ROWS_PER_ORDER / (measured.sinkRowsPerSecond() * UTILISATION));

        Limit first = Stream.of(
                        new Limit("PostgreSQL: writers to one server", (double) writers / WRITERS_PER_SERVER),
                        new Limit(
                                "dedup memory: GB an instance, and the time to restore it",
                                store / instances / STORE_GB_PER_INSTANCE),
                        new Limit("network of three brokers", network / (FEWEST_BROKERS * BROKER_MB_PER_SECOND)),
                        new Limit(
                                "partitions of a broker",
                                (double) partitions * TOPICS * REPLICATION / brokers / PARTITIONS_PER_BROKER))
                .max(Comparator.comparingDouble(Limit::times))
                .orElseThrow();
        return new Plan(
                rate,
                ceil(rate / (measured.ingestPerCore() * UTILISATION)),
                streamCores,
                instances,
                ceil(store / STORE_GB_PER_INSTANCE),
                partitions,
                brokers,
                network,
                store,
                filters,
                changelog,
                writers,
                first);
    }

    private static int ceil(double number) {
        return (int) Math.ceil(number);
    }

    /** Two tables in Markdown: what was measured, and what follows. */
    static String page(Measured measured) {
        List<Plan> plans = RATES.stream().map(rate -> plan(measured, rate)).toList();
        StringBuilder page = new StringBuilder("| measured | |\n|---|---|\n");
        fact(page, "ingest, orders/s a core", measured.ingestPerCore());
        fact(page, "stream, orders/s a core", measured.streamPerCore());
        fact(page, "record of `orders`, bytes", measured.orderBytes());
        fact(page, "record of `orders.processed`, bytes", measured.processedBytes());
        fact(page, "dedup memory, bytes an id in the store", measured.storeBytesPerId());
        fact(page, "dedup memory, bytes an id in RAM", measured.filterBytesPerId());
        fact(page, "dedup memory, bytes an id in the changelog", measured.changelogBytesPerId());
        fact(page, "sink, rows/s a writer", measured.sinkRowsPerSecond());
        page.append("\n| orders/s |");
        plans.forEach(plan -> page.append(" %s |".formatted(whole(plan.ordersPerSecond()))));
        page.append("\n|---|").append("---|".repeat(plans.size())).append('\n');
        row(page, "cores for the ingest", plans, plan -> whole(plan.ingestCores()));
        row(page, "cores for the stream", plans, plan -> whole(plan.streamCores()));
        row(page, "stream instances, 2 threads each", plans, plan -> whole(plan.streamInstances()));
        row(page, "stream instances by dedup memory, 200 GB each", plans, plan -> whole(plan.instancesByMemory()));
        row(page, "partitions of each topic", plans, plan -> whole(plan.partitions()));
        row(page, "brokers, by network", plans, plan -> whole(plan.brokersByNetwork()));
        row(page, "network of all brokers, MB/s", plans, plan -> whole(plan.networkMb()));
        row(page, "dedup memory in stores, GB", plans, plan -> whole(plan.storeGb()));
        row(page, "RAM for its filters, GB", plans, plan -> whole(plan.filterGb()));
        row(page, "dedup memory in the changelog, GB", plans, plan -> whole(plan.changelogGb()));
        row(page, "PostgreSQL writers", plans, plan -> whole(plan.writers()));
        row(
                page,
                "breaks first (needed ÷ what one unit takes)",
                plans,
                plan -> "%s (%s)"
                        .formatted(
                                plan.first().what(),
                                Protocol.number(plan.first().times())));
        return page.toString();
    }

    private static void fact(StringBuilder page, String name, double value) {
        page.append("| %s | %s |%n".formatted(name, Protocol.number(value)));
    }

    private static void row(StringBuilder page, String name, List<Plan> plans, Function<Plan, String> cell) {
        page.append("| ").append(name).append(" |");
        plans.forEach(plan -> page.append(" %s |".formatted(cell.apply(plan))));
        page.append('\n');
    }

    private static String whole(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }
}
