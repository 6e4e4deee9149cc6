package io.onlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Collects the results of a run and prints its progress on standard error. */
public final class BenchReport {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final String LINE = "%-30s %12s %-9s %-34s %12s %7s  %-9s %s";

    private final RunEnvironment environment;
    private final List<Result> results = new ArrayList<>();
    private final Map<String, Double> figures = new TreeMap<>();
    private final long startNanos = System.nanoTime();
    private String experiment = "";

    BenchReport(RunEnvironment environment) {
        this.environment = environment;
    }

    private record Document(RunEnvironment environment, List<Result> results, Map<String, Double> figures) {}

    void begin(String name) {
        experiment = name;
        progress("started");
    }

    public void progress(String message) {
        System.err.printf("%4d s  %-8s %s%n", (System.nanoTime() - startNanos) / 1_000_000_000L, experiment, message);
    }

    public void result(Result result) {
        results.add(result);
        System.err.println("        " + line(result));
    }

    /** Adds a value that {@link Capacity} needs, such as bytes per order_id. */
    public void figure(String name, double value) {
        figures.put(name, value);
    }

    RunEnvironment environment() {
        return environment;
    }

    List<Result> results() {
        return results;
    }

    Map<String, Double> figures() {
        return figures;
    }

    String table() {
        return "%n%s%n%s"
                .formatted(
                        LINE.formatted("", "value", "unit", "baseline", "value", "ratio", "target", ""),
                        results.stream().map(BenchReport::line).collect(Collectors.joining("\n")));
    }

    private static String line(Result result) {
        return LINE.formatted(
                result.name(),
                number(result.value()),
                result.unit(),
                result.baseline() == null ? "" : result.baseline(),
                result.baselineValue() == null ? "" : number(result.baselineValue()),
                result.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", result.ratio()),
                result.target(),
                result.met() ? "met" : "MISSED");
    }

    static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%,.1f" : "%,.0f", value);
    }

    void writeJson(Path file) throws IOException {
        Files.write(file, JSON.writeValueAsBytes(new Document(environment, results, figures)));
    }
}
