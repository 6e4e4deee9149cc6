package io.onlyonce.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

    private final Content content;
    private final long startNanos = System.nanoTime();
    private String experiment = "";

    BenchReport(RunEnvironment environment) {
        content = new Content(environment, new ArrayList<>(), new TreeMap<>());
    }

    record Figure(double value, Result.Measured measured) {}

    /** @param environment of the newest run */
    record Content(RunEnvironment environment, List<Result> results, Map<String, Figure> figures) {
        static Content read(Path file) throws IOException {
            return JSON.readValue(Files.readAllBytes(file), Content.class);
        }

        /** Returns these results, with the earlier ones that the run did not repeat. */
        Content withEarlier(Content earlier) {
            Map<String, Result> merged = new LinkedHashMap<>();
            earlier.results.forEach(result -> merged.put(result.name(), result));
            results.forEach(result -> merged.put(result.name(), result));
            Map<String, Figure> allFigures = new TreeMap<>(earlier.figures);
            allFigures.putAll(figures);
            return new Content(environment, List.copyOf(merged.values()), allFigures);
        }

        void write(Path file) throws IOException {
            Files.write(file, JSON.writeValueAsBytes(this));
        }
    }

    void begin(String name) {
        experiment = name;
        progress("started");
    }

    public void progress(String format, Object... arguments) {
        long seconds = (System.nanoTime() - startNanos) / 1_000_000_000L;
        System.err.printf("%4d s  %-8s %s%n", seconds, experiment, format.formatted(arguments));
    }

    public void result(Result result) {
        content.results().add(result.measuredIn(content.environment()));
        System.err.println("        " + line(result));
    }

    /** Adds a value that {@link Capacity} needs, such as bytes per order_id. */
    public void figure(String name, double value) {
        content.figures().put(name, new Figure(value, Result.Measured.in(content.environment())));
    }

    Content content() {
        return content;
    }

    String table() {
        String head = LINE.formatted("", "value", "unit", "baseline", "value", "ratio", "target", "");
        return content.results().stream()
                .map(BenchReport::line)
                .collect(Collectors.joining("\n", "\n" + head + "\n", ""));
    }

    private static String line(Result result) {
        return LINE.formatted(
                result.name(),
                number(result.value()),
                result.unit(),
                Objects.toString(result.baseline(), ""),
                number(result.baselineValue()),
                ratio(result),
                result.target(),
                result.met() ? "met" : "MISSED");
    }

    /** @param value null for an empty cell */
    static String number(Double value) {
        return value == null ? "" : String.format(Locale.ROOT, value < 100 ? "%,.1f" : "%,.0f", value);
    }

    static String ratio(Result result) {
        return result.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", result.ratio());
    }

    void writeJson(Path file) throws IOException {
        content.write(file);
    }
}
