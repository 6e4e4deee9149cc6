package io.onlyonce.bench;

import io.onlyonce.bench.BenchReport.Content;
import io.onlyonce.bench.BenchReport.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Writes the results of a run to docs/. Keeps earlier results that the run did not repeat, with the date of their measurement.
 * Does not change a page if one of its required values was never measured on this machine.
 */
final class Docs {
    private static final String BEGIN = "<!-- bench:begin -->";
    private static final String END = "<!-- bench:end -->";
    private static final String RESULTS = "performance.json";
    /** The rows that performance.md requires for a complete comparison. */
    static final List<String> COMPARISON = List.of(
            "stream.eos_vs_alos",
            "stream.eos_vs_raw_copy",
            "stream.eos_vs_flink",
            "stream.eos_vs_window_store",
            "ingest.eos_vs_at_most_once",
            "ingest.eos_vs_txn_per_request",
            "ingest.eos_vs_http_only",
            "sink.transactional_vs_debezium",
            "sink.transactional_vs_copy",
            "e2e.latency_p99_ms");

    private final Path docs;
    private final Optional<Content> earlier;
    private Content content;
    /** The results and figures that the pages can show, by name. */
    private final Map<String, Figure> values = new HashMap<>();

    /** Reads the earlier results, so that a damaged file is noticed before the run and not after it. */
    Docs(Path docs) throws IOException {
        this.docs = docs;
        Path file = docs.resolve(RESULTS);
        this.earlier = Files.exists(file) ? Optional.of(Content.read(file)) : Optional.empty();
    }

    /** @param report if a failed run has no result, the pages do not change */
    void write(BenchReport report) throws IOException {
        if (report.content().results().isEmpty()) {
            return;
        }
        RunEnvironment run = report.content().environment();
        // Results of another machine are not comparable.
        Optional<Content> comparable =
                earlier.filter(content -> content.environment().isSameMachine(run));
        content = comparable.map(report.content()::withEarlier).orElse(report.content());
        values.putAll(content.figures());
        content.results().forEach(result -> values.put(result.name(), new Figure(result.value(), result.measured())));
        Path performance = docs.resolve("performance.md");
        boolean complete = isComplete(performance, COMPARISON);
        if (complete || comparable.isPresent()) {
            content.write(docs.resolve(RESULTS));
        }
        if (complete) {
            // The plots are drawn to files, which must not require a display.
            System.setProperty("java.awt.headless", "true");
            Plots.write(content.results(), docs.resolve("performance"));
            fillMarkers(performance, environment() + "\n" + table());
        }
        Path scaling = docs.resolve("scaling.md");
        if (isComplete(scaling, Capacity.INPUTS)) {
            int cores = content.environment().cores();
            fillMarkers(scaling, Capacity.page(values, cores));
        }
    }

    private boolean isComplete(Path page, List<String> required) {
        List<String> missing = missing(required);
        if (!missing.isEmpty()) {
            System.err.println(
                    page + " stays unchanged, because these values were not measured: " + String.join(", ", missing));
        }
        return missing.isEmpty();
    }

    List<String> missing(List<String> required) {
        return required.stream().filter(name -> !values.containsKey(name)).toList();
    }

    /** @throws IllegalStateException if the page has no markers */
    private static void fillMarkers(Path file, String tables) throws IOException {
        String page = Files.exists(file) ? Files.readString(file) : BEGIN + "\n" + END + "\n";
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END, Math.max(0, begin));
        if (begin < 0 || end < 0) {
            throw new IllegalStateException(file + " must contain the markers " + BEGIN + " and " + END);
        }
        Files.writeString(
                file, page.substring(0, begin + BEGIN.length()) + "\n" + tables.strip() + "\n" + page.substring(end));
    }

    private String environment() {
        RunEnvironment run = content.environment();
        return """
            Newest run: %s on %s, %d cores, %d GiB, %s, Java %s, Kafka clients %s, broker %s; load average before the run: %s.
            """.formatted(
                        run.at(),
                        run.cpu(),
                        run.cores(),
                        run.memoryGib(),
                        run.os(),
                        run.java(),
                        run.kafkaClients(),
                        run.kafkaBroker(),
                        run.load());
    }

    private String table() {
        String head = """
            | result | median | spread | baseline | baseline's median (spread) | ratio | target | met | note | measured |
            |---|---:|---|---|---:|---:|---|---|---|---|
            """;
        return content.results().stream().map(Docs::row).collect(Collectors.joining("\n", head, "\n"));
    }

    private static String row(Result result) {
        String baselineValue = result.baseline() == null
                ? ""
                : BenchReport.number(result.baselineValue()) + " (" + spread(result.baselineSpread()) + ")";
        return "| `%s` | %s %s | %s | %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        result.name(),
                        BenchReport.number(result.value()),
                        result.unit(),
                        spread(result.spread()),
                        Objects.toString(result.baseline(), ""),
                        baselineValue,
                        BenchReport.ratio(result),
                        result.target(),
                        result.met() ? "met" : "**missed**",
                        Objects.toString(result.note(), ""),
                        run(result.measured()));
    }

    /** Returns the date and the versions of a run. */
    static String run(Result.Measured measured) {
        return "%tF, Kafka %s, broker %s%s"
                .formatted(
                        measured.at().atOffset(ZoneOffset.UTC),
                        measured.kafkaClients(),
                        measured.kafkaBroker(),
                        measured.quick() ? ", `--quick`: rough" : "");
    }

    private static String spread(Result.Spread spread) {
        return spread.rounds() == 1
                ? "one round"
                : BenchReport.number(spread.min()) + " to " + BenchReport.number(spread.max());
    }
}
