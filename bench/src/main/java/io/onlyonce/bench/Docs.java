package io.onlyonce.bench;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Puts a run into docs/: figures that no run has given are never in there. A page that needs more than this run has
 * measured is left as it is.
 */
final class Docs {
    /** Without these, the page would show half a comparison. */
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

    private final Protocol protocol;
    private final Path docs;

    Docs(Protocol protocol) {
        this(protocol, ProjectHome.locate().root().resolve("docs"));
    }

    Docs(Protocol protocol, Path docs) {
        this.protocol = protocol;
        this.docs = docs;
    }

    void write() throws IOException {
        // The plots are drawn into files, on machines that have no screen.
        System.setProperty("java.awt.headless", "true");
        writePerformance();
        writeScaling();
    }

    private void writePerformance() throws IOException {
        List<String> missing = COMPARISON.stream()
                .filter(name -> protocol.results().stream()
                        .noneMatch(result -> result.name().equals(name)))
                .toList();
        Path page = docs.resolve("performance.md");
        if (leftAlone(page, missing)) {
            return;
        }
        protocol.writeJson(docs.resolve("performance.json"));
        new Plots(protocol.results()).write(docs.resolve("performance"));
        new MarkedPage(page).fill(environment() + "\n" + table());
    }

    private void writeScaling() throws IOException {
        Capacity.Input input = Capacity.Input.of(
                protocol.results(), protocol.figures(), protocol.environment().cores());
        Path page = docs.resolve("scaling.md");
        if (!leftAlone(
                page, input.missing().stream().map(Capacity.Missing::name).toList())) {
            new MarkedPage(page).fill(Capacity.page(input.measured().orElseThrow()));
        }
    }

    private static boolean leftAlone(Path page, List<String> missing) {
        if (!missing.isEmpty()) {
            System.err.println(page + " is left as it is: this run has not measured " + String.join(", ", missing));
        }
        return !missing.isEmpty();
    }

    private String environment() {
        Environment here = protocol.environment();
        return """
                Measured at %s%s on %s, %d cores, %d GiB, %s, Java %s, Kafka clients %s, broker %s; load average before the run: %s.
                """.formatted(
                        here.at(),
                        here.quick() ? " (`--quick`: one short round, rough)" : "",
                        here.cpu(),
                        here.cores(),
                        here.memoryGib(),
                        here.os(),
                        here.java().strip(),
                        here.kafkaClients(),
                        here.kafkaBroker(),
                        here.load());
    }

    private String table() {
        return Stream.concat(
                        Stream.of(
                                "| result | median | spread | peer | peer's | ratio | target | | |",
                                "|---|---:|---|---|---:|---:|---|---|---|"),
                        protocol.results().stream().map(Docs::row))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String row(Result result) {
        return "| `%s` | %s %s | %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        result.name(),
                        Protocol.number(result.value()),
                        result.unit(),
                        spread(result.spread()),
                        result.peer() == null ? "" : result.peer(),
                        result.peerValue() == null
                                ? ""
                                : "%s (%s)".formatted(Protocol.number(result.peerValue()), spread(result.peerSpread())),
                        result.ratio() == null ? "" : String.format(Locale.ROOT, "%.2f", result.ratio()),
                        result.target(),
                        result.met() ? "met" : "**missed**",
                        result.note() == null ? "" : result.note());
    }

    private static String spread(Result.Spread spread) {
        return spread.rounds() == 1
                ? "one round"
                : "%s to %s".formatted(Protocol.number(spread.min()), Protocol.number(spread.max()));
    }
}
