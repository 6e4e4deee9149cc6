package io.onlyonce.bench;

import io.onlyonce.bench.BenchReport.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Writes the results of a run to docs/. Keeps the earlier results that the run did not repeat; each shows when it was measured.
 * A page stays unchanged if some of its values were never measured on this machine.
 */
final class Docs {
    private static final String BEGIN = "<!-- bench:begin -->";
    private static final String END = "<!-- bench:end -->";
    private static final String RESULTS = "performance.json";
    /** The rows without which performance.md would show an incomplete comparison. */
    private static final List<String> COMPARISON = List.of(
            "stream.eos_vs_alos",
            "stream.eos_vs_raw_copy",
            "stream.eos_vs_flink",
            "stream.eos_vs_window_store",
            "ingest.eos_vs_at_most_once",
            "ingest.eos_vs_txn_per_request",
            "ingest.eos_vs_http_only",
            "sink.vs_batch_insert",
            "e2e.latency_p99_ms");

    private final Content content;
    private final Path docs;
    private final Map<String, Double> values = new HashMap<>();

    Docs(BenchReport report, Path docs) throws IOException {
        this.docs = docs;
        this.content = merged(report.content(), docs.resolve(RESULTS));
        values.putAll(content.figures());
        content.results().forEach(result -> values.put(result.name(), result.value()));
    }

    /** Results of another machine are not kept, because nobody could compare them with these. */
    private static Content merged(Content run, Path file) throws IOException {
        if (!Files.exists(file)) {
            return run;
        }
        Content earlier = Content.read(file);
        return earlier.environment().isSameMachine(run.environment()) ? run.withEarlier(earlier) : run;
    }

    void write() throws IOException {
        Path performance = docs.resolve("performance.md");
        if (isComplete(performance, COMPARISON)) {
            content.write(docs.resolve(RESULTS));
            // The plots are drawn to files, also on machines without a display.
            System.setProperty("java.awt.headless", "true");
            Plots.write(content.results(), docs.resolve("performance"));
            fillMarkers(performance, environment() + "\n" + table());
        }
        Path scaling = docs.resolve("scaling.md");
        if (isComplete(scaling, Capacity.INPUTS)) {
            int cores = content.environment().cores();
            fillMarkers(scaling, Capacity.page(Capacity.measured(values, cores)));
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
            Newest run: %s%s on %s, %d cores, %d GiB, %s, Java %s, Kafka clients %s, broker %s; load average before the run: %s.
            """.formatted(
                        run.at(),
                        run.quick() ? " (`--quick`: one short round, rough)" : "",
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
        return "| `%s` | %s %s | %s | %s | %s | %s | %s | %s | %s | %tF, Kafka %s |"
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
                        result.measured().at().atOffset(ZoneOffset.UTC),
                        result.measured().kafkaClients());
    }

    private static String spread(Result.Spread spread) {
        return spread.rounds() == 1
                ? "one round"
                : BenchReport.number(spread.min()) + " to " + BenchReport.number(spread.max());
    }
}
