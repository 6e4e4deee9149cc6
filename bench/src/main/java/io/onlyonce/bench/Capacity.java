package io.onlyonce.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Extrapolates the results of one machine to rates that it cannot reach. The model is linear, so it is accurate to an
 * order of magnitude and shows which resource is exhausted first. docs/scaling.md lists the assumptions.
 */
final class Capacity {
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
    /** An instance with an empty disk takes hours to restore a larger store from the changelog. */
    static final double STORE_GB_PER_INSTANCE = 200;
    /** Replicas included; more of them make the leader elections after a failure slow. */
    static final int PARTITIONS_PER_BROKER = 4_000;
    /** Topics with as many partitions as {@code orders}: itself, processed, duplicates, dead letters and changelog. */
    static final int TOPICS = 5;
    /** The connectors that read {@code orders.processed}. */
    static final int PROCESSED_READERS = 1;
    /** The measured sink has two tasks, which write to all three tables. */
    static final int SINK_TASKS = 2;
    /** Concurrent tasks that write to a PostgreSQL server, until its only write-ahead log is the limit. */
    static final int TASKS_PER_SERVER = 8;

    private Capacity() {}

    /** The results and figures of a run that the model needs. */
    enum Input {
        INGEST_PER_CORE("ingest.eos_vs_at_most_once", "ingest, orders/s per core"),
        STREAM_PER_CORE("stream.eos_vs_alos", "stream, orders/s per core"),
        ORDER_BYTES("order.record_bytes", "record of `orders`, bytes"),
        PROCESSED_BYTES("processed.record_bytes", "record of `orders.processed`, bytes"),
        STORE_BYTES("store.bytes_per_id", "dedup store, bytes per id on disk"),
        FILTER_BYTES("store.filter_bytes_per_id", "dedup store, bytes per id in RAM"),
        CHANGELOG_BYTES("changelog.bytes_per_id", "dedup store, bytes per id in the changelog"),
        SINK_PER_TASK("sink.orders_per_s", "sink, orders/s per task");

        private final String source;
        private final String label;

        Input(String source, String label) {
            this.source = source;
            this.label = label;
        }
    }

    /** The names of {@link Input} in a run. */
    static final List<String> INPUTS =
            Stream.of(Input.values()).map(input -> input.source).toList();

    private static Map<Input, Double> perUnit(Map<String, BenchReport.Figure> values, int cores) {
        Map<Input, Double> measured = new EnumMap<>(Input.class);
        for (Input input : Input.values()) {
            int units = switch (input) {
                case INGEST_PER_CORE, STREAM_PER_CORE -> cores;
                case SINK_PER_TASK -> SINK_TASKS;
                default -> 1;
            };
            measured.put(input, values.get(input.source).value() / units);
        }
        return measured;
    }

    /** @param times demand ÷ capacity of one unit; above 1, the load must be divided among several units */
    record Limit(String resource, double times) {}

    /**
     * The resources for a rate.
     *
     * @param resources by their label in the table, in its order
     * @param first the limit that is exceeded most
     */
    record Plan(Map<String, Double> resources, Limit first) {}

    static Plan plan(Map<Input, Double> measured, int rate) {
        double streamCores = Math.ceil(rate / (measured.get(Input.STREAM_PER_CORE) * UTILIZATION));
        double instances = Math.ceil(streamCores / STREAM_THREADS);
        double partitions = Math.max(MIN_PARTITIONS, instances * STREAM_THREADS * PARTITIONS_PER_THREAD);
        double tasks = Math.ceil(rate / (measured.get(Input.SINK_PER_TASK) * UTILIZATION));

        double order = measured.get(Input.ORDER_BYTES);
        double processed = measured.get(Input.PROCESSED_BYTES);
        double changelog = measured.get(Input.CHANGELOG_BYTES);
        double in = order + processed + changelog;
        double out = order + PROCESSED_READERS * processed + STANDBY_REPLICAS * changelog;
        // REPLICATION brokers receive each byte, and the leader sends it to the followers.
        double networkMb = rate * (in * REPLICATION + in * (REPLICATION - 1) + out) / 1e6;
        double brokers = Math.max(MIN_BROKERS, Math.ceil(networkMb / BROKER_MB_PER_SECOND));

        double gigaIds = rate * RETENTION.toSeconds() / 1e9;
        double storedGigaIds = gigaIds * (1 + STANDBY_REPLICAS);
        double storeGb = storedGigaIds * measured.get(Input.STORE_BYTES);

        Map<String, Double> resources = new LinkedHashMap<>();
        resources.put("cores for the ingest", Math.ceil(rate / (measured.get(Input.INGEST_PER_CORE) * UTILIZATION)));
        resources.put("cores for the stream", streamCores);
        resources.put("stream instances, 2 threads each", instances);
        resources.put("stream instances by dedup store, 200 GB each", Math.ceil(storeGb / STORE_GB_PER_INSTANCE));
        resources.put("partitions of each topic", partitions);
        resources.put("brokers, by network", brokers);
        resources.put("network of all brokers, MB/s", networkMb);
        resources.put("dedup stores, GB", storeGb);
        resources.put("RAM for the filters of the dedup stores, GB", storedGigaIds * measured.get(Input.FILTER_BYTES));
        resources.put("changelog of the dedup stores, GB", gigaIds * changelog * REPLICATION);
        resources.put("tasks of the sink", tasks);

        double storePerInstance = storeGb / instances / STORE_GB_PER_INSTANCE;
        double partitionsPerBroker = partitions * TOPICS * REPLICATION / brokers;
        Limit first = Stream.of(
                        new Limit("PostgreSQL: tasks that write to one server", tasks / TASKS_PER_SERVER),
                        new Limit("dedup store: GB per instance", storePerInstance),
                        new Limit("network of three brokers", networkMb / (MIN_BROKERS * BROKER_MB_PER_SECOND)),
                        new Limit("partitions per broker", partitionsPerBroker / PARTITIONS_PER_BROKER))
                .max(Comparator.comparingDouble(Limit::times))
                .orElseThrow();
        return new Plan(resources, first);
    }

    /**
     * Returns two Markdown tables: the measured values, and the resources for three rates.
     *
     * @param values by name, with all {@link #INPUTS}
     * @param cores of the machine
     */
    static String page(Map<String, BenchReport.Figure> values, int cores) {
        Map<Input, Double> measured = perUnit(values, cores);
        List<String> lines = new ArrayList<>(List.of("| measured | | run |", "|---|---|---|"));
        measured.forEach((input, value) -> lines.add("| %s | %s | %s |"
                .formatted(
                        input.label,
                        BenchReport.number(value),
                        Docs.run(values.get(input.source).measured()))));
        lines.addAll(List.of("", "| orders/s | 10,000 | 100,000 | 1,000,000 |", "|---|---|---|---|"));
        List<Plan> plans = Stream.of(10_000, 100_000, 1_000_000)
                .map(rate -> plan(measured, rate))
                .toList();
        for (String name : plans.getFirst().resources().keySet()) {
            lines.add(row(
                    name,
                    plans,
                    plan -> String.format(Locale.ROOT, "%,.0f", plan.resources().get(name))));
        }
        lines.add(row(
                "first exhausted (demand ÷ capacity of one unit)",
                plans,
                plan -> "%s (%s)"
                        .formatted(
                                plan.first().resource(),
                                BenchReport.number(plan.first().times()))));
        return String.join("\n", lines);
    }

    private static String row(String name, List<Plan> plans, Function<Plan, String> cell) {
        return plans.stream().map(cell).collect(Collectors.joining(" | ", "| " + name + " | ", " |"));
    }
}
