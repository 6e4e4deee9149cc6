package io.onlyonce.bench.stack;

import io.onlyonce.bench.BenchReport;
import io.onlyonce.bench.BenchScale;
import io.onlyonce.bench.Result;
import io.onlyonce.bench.Rounds;
import io.onlyonce.bench.http.HttpLoad;
import io.onlyonce.model.kafka.Sink;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Measures the complete pipeline, from the request to the row. For each sink, measures the processor time that each
 * component needs for one order at 1,000 orders/s. For the transactional sink, also measures the highest rate that the
 * pipeline sustains, and compares the pipeline with that of a tutorial.
 */
public final class PipelineCost {
    /** Two slow cores with the load generator sustain this rate with both sinks. */
    private static final double ORDERS_PER_SECOND = 1_000;

    private static final int CONNECTIONS = 64;
    private static final int LOADS_PER_MINUTE = 6;
    private static final double RATE_STEP = 1.2;
    /** The pipeline sustains a rate if all rows are stored within this time after the planned end of the load. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(2);

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private PipelineCost() {}

    public static void run(BenchScale scale, BenchReport report) throws Exception {
        Map<String, Double> debezium = cost(Sink.DEBEZIUM, scale, report);
        Map<String, Double> transactional = cost(Sink.TRANSACTIONAL, scale, report);
        report.result(Result.growth(
                        "pipeline.cpu_us_per_order",
                        sum(transactional, transactional.keySet().stream().toList()),
                        "us",
                        "with the Debezium connectors",
                        sum(debezium, debezium.keySet().stream().toList()),
                        1)
                .withNote(list(transactional)));
        List<String> sink = List.of("connect", "postgres");
        report.result(Result.growth(
                        "pipeline.sink_cpu_us_per_order",
                        sum(transactional, sink),
                        "us",
                        "with the Debezium connectors",
                        sum(debezium, sink),
                        0.6)
                .withNote("Connect and PostgreSQL; with the Debezium connectors: " + list(debezium)));
    }

    private static Rounds sum(Map<String, Double> costs, List<String> components) {
        return Rounds.of(components.stream().mapToDouble(costs::get).sum());
    }

    /** Returns the costs as text. */
    static String list(Map<String, Double> costs) {
        return costs.entrySet().stream()
                .map(cost -> "%s %.0f".formatted(cost.getKey(), cost.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Returns the processor time for one order in microseconds, by component. */
    private static Map<String, Double> cost(Sink sink, BenchScale scale, BenchReport report) throws Exception {
        Duration minute = scale.load().multipliedBy(LOADS_PER_MINUTE);
        try (DetachedStack stack = new DetachedStack(Map.of("SINK", sink.wireName()));
                HttpLoad load = load(stack)) {
            report.progress("%s sink: warm-up at %,.0f orders/s", sink.wireName(), ORDERS_PER_SECOND);
            for (double share : new double[] {0.3, 0.6, 1}) {
                delay(stack, load, share * ORDERS_PER_SECOND, scale.warmUp());
            }
            Map<String, Duration> before = stack.processorTimes();
            HttpLoad.Result result = load.paced(ORDERS_PER_SECOND, minute, id -> {});
            awaitRows(stack);
            Map<String, Double> costs = perOrder(before, stack.processorTimes(), result.succeeded());
            report.progress("%s sink: %s us", sink.wireName(), list(costs));
            if (sink == Sink.TRANSACTIONAL) {
                highestRate(stack, load, minute, report);
            }
            return costs;
        }
    }

    /** Returns the difference of two processor times for one order in microseconds, by component. */
    static Map<String, Double> perOrder(Map<String, Duration> before, Map<String, Duration> after, long orders) {
        Map<String, Double> costs = new TreeMap<>();
        after.forEach((component, time) ->
                costs.put(component, time.minus(before.get(component)).toNanos() / 1e3 / orders));
        return costs;
    }

    private static HttpLoad load(DetachedStack stack) {
        stack.up();
        return new HttpLoad(stack.producer().resolve("/orders"), CONNECTIONS);
    }

    private static void highestRate(DetachedStack stack, HttpLoad load, Duration minute, BenchReport report)
            throws Exception {
        double sustained = 0;
        for (double rate = ORDERS_PER_SECOND; ; rate *= RATE_STEP) {
            Duration delay = delay(stack, load, rate, minute);
            report.progress("%,.0f orders/s: rows complete after %,d ms", rate, delay.toMillis());
            if (delay.compareTo(MAX_DELAY) > 0) {
                break;
            }
            sustained = rate;
        }
        report.figure("pipeline.orders_per_s", sustained);
    }

    /**
     * Sends orders at a constant rate.
     *
     * @return the time from the planned end of the load until all rows are stored
     */
    private static Duration delay(DetachedStack stack, HttpLoad load, double rate, Duration time) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        HttpLoad.Result result = load.paced(rate, time, id -> {});
        awaitRows(stack);
        Duration delay = Duration.ofNanos(Math.max(0, System.nanoTime() - end));
        // The load generator ends the load if the requests are much too late.
        return result.failures().isEmpty() ? delay : TIMEOUT;
    }

    /** Waits until all acknowledged orders are stored. */
    private static void awaitRows(DetachedStack stack) throws IOException, InterruptedException {
        URI stats = stack.api().resolve("/stats?wait=" + TIMEOUT.toSeconds());
        String response = HTTP.send(HttpRequest.newBuilder(stats).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        if (!response.contains("\"orders_in_flight\":0,") && !response.contains("\"orders_in_flight\":0}")) {
            throw new IllegalStateException("rows are missing: " + response);
        }
    }
}
