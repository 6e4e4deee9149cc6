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

/** All that a run has found, told as it comes and kept for the end. */
final class Protocol implements Report {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();
    private static final String LINE = "%-30s %12s %-9s %-34s %12s %7s  %-9s %s";

    private final Environment environment;
    private final List<Result> results = new ArrayList<>();
    private final Map<String, Double> figures = new TreeMap<>();
    private final long begun = System.nanoTime();
    private String experiment = "";

    Protocol(Environment environment) {
        this.environment = environment;
    }

    private record Document(Environment environment, List<Result> results, Map<String, Double> figures) {}

    void begin(String name) {
        experiment = name;
        progress("begins");
    }

    @Override
    public void progress(String what) {
        System.err.printf("%4d s  %-8s %s%n", (System.nanoTime() - begun) / 1_000_000_000L, experiment, what);
    }

    @Override
    public void result(Result result) {
        results.add(result);
        System.err.println("        " + line(result));
    }

    @Override
    public void figure(String name, double value) {
        figures.put(name, value);
    }

    Environment environment() {
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
                        LINE.formatted("", "value", "unit", "peer", "peer's", "ratio", "target", ""),
                        results.stream().map(Protocol::line).collect(Collectors.joining("\n")));
    }

    private static String line(Result result) {
        return LINE.formatted(
                result.name(),
                number(result.value()),
                result.unit(),
                result.peer() == null ? "" : result.peer(),
                result.peerValue() == null ? "" : number(result.peerValue()),
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
