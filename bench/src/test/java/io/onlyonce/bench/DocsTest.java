package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.platform.ProjectHome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsTest {
    @TempDir
    private Path docs;

    private final BenchReport report = new BenchReport(RunEnvironment.current(true));

    @Test
    void a_complete_run_replaces_only_the_text_between_the_markers_of_the_pages() throws IOException {
        for (String page : List.of("performance.md", "scaling.md")) {
            Files.writeString(docs.resolve(page), "before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n");
        }
        for (String name : List.of(
                "stream.eos_vs_alos",
                "stream.eos_vs_raw_copy",
                "stream.eos_vs_flink",
                "stream.eos_vs_window_store",
                "ingest.eos_vs_at_most_once",
                "ingest.eos_vs_txn_per_request",
                "ingest.eos_vs_http_only",
                "sink.transactional_vs_debezium",
                "sink.transactional_vs_copy")) {
            report.result(
                    Result.ratio(name, Rounds.of(30_000), "orders/s", "baseline of " + name, Rounds.of(20_000), 0.5));
        }
        report.result(Result.atMost("e2e.latency_p99_ms", Rounds.of(300), "ms", 600));
        for (String name : List.of(
                "order.record_bytes",
                "processed.record_bytes",
                "store.bytes_per_id",
                "store.filter_bytes_per_id",
                "changelog.bytes_per_id",
                "sink.orders_per_s")) {
            report.figure(name, 100);
        }

        new Docs(docs).write(report);

        assertThat(docs.resolve("performance.md"))
                .content()
                .startsWith("before\n<!-- bench:begin -->\n")
                .endsWith("\n<!-- bench:end -->\nafter\n")
                .containsPattern("Kafka clients [0-9.]+, broker [0-9.]+;")
                .contains("| `ingest.eos_vs_http_only` | 30,000 orders/s |", "| 1.50 | >= 0.5 | met |")
                .doesNotContain("old");
        assertThat(docs.resolve("scaling.md")).content().contains("| orders/s | 10,000 | 100,000 | 1,000,000 |");
        assertThat(docs.resolve("performance.json"))
                .content()
                .contains("\"peer_value\"", "\"peer_spread\"", "\"peer\" : \"baseline of");
        for (String plot : List.of("stream.svg", "ingest.svg", "ratios.svg")) {
            assertThat(docs.resolve("performance").resolve(plot)).content().contains("<svg");
        }
    }

    @Test
    void a_partial_run_does_not_change_the_pages() throws IOException {
        Files.writeString(docs.resolve("performance.md"), "unchanged");
        report.result(Result.atMost("e2e.latency_p99_ms", Rounds.of(300), "ms", 600));

        new Docs(docs).write(report);

        assertThat(docs.resolve("performance.md")).content().isEqualTo("unchanged");
        assertThat(docs.resolve("scaling.md")).doesNotExist();
        assertThat(docs.resolve("performance.json")).doesNotExist();
    }

    @Test
    void a_run_without_results_does_not_change_the_date_of_the_newest_run() throws IOException {
        a_complete_run_replaces_only_the_text_between_the_markers_of_the_pages();
        String page =
                Files.readString(docs.resolve("performance.md")).replaceAll("Newest run: [^ ]*", "Newest run: 2026");
        Files.writeString(docs.resolve("performance.md"), page);

        new Docs(docs).write(new BenchReport(RunEnvironment.current(false)));

        assertThat(docs.resolve("performance.md")).content().contains("Newest run: 2026 ");
    }

    @Test
    void a_partial_run_keeps_the_other_results_with_their_dates() throws IOException {
        a_complete_run_replaces_only_the_text_between_the_markers_of_the_pages();
        String results = Files.readString(docs.resolve("performance.json"));
        Files.writeString(
                docs.resolve("performance.json"), results.replaceAll("\"at\" : \"[^T]*", "\"at\" : \"2026-01-02"));

        BenchReport partial = new BenchReport(RunEnvironment.current(false));
        partial.result(Result.atMost("e2e.latency_p99_ms", Rounds.of(200), "ms", 600));
        partial.result(Result.atMost("recovery.ms", Rounds.of(5), "ms", 6));
        new Docs(docs).write(partial);

        String page = Files.readString(docs.resolve("performance.md"));
        assertThat(page)
                .containsPattern("`stream.eos_vs_alos` \\| 30,000 orders/s .* 2026-01-02, Kafka ")
                .containsPattern("`e2e.latency_p99_ms` \\| 200 ms ")
                .doesNotContainPattern("`e2e.latency_p99_ms` .*2026-01-02")
                .containsPattern("`recovery.ms` \\| 5.0 ms ");
    }

    @Test
    void the_bench_measures_every_required_value() throws IOException {
        Path sources = ProjectHome.locate().root().resolve("bench/src/main/java");
        String experiments;
        try (var files = Files.walk(sources)) {
            experiments = files.filter(file -> file.toString().endsWith(".java")
                            && !List.of("Docs.java", "Capacity.java")
                                    .contains(file.getFileName().toString()))
                    .map(DocsTest::read)
                    .collect(Collectors.joining());
        }
        assertThat(Stream.concat(Capacity.INPUTS.stream(), Docs.COMPARISON.stream()))
                .allSatisfy(name -> assertThat(experiments).contains('"' + name + '"'));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_page_that_stays_unchanged_is_reported_with_all_of_the_missing_values() throws IOException {
        report.result(
                Result.ratio("ingest.eos_vs_at_most_once", Rounds.of(1), "orders/s", "acks=0", Rounds.of(1), 0.85));
        report.figure("order.record_bytes", 260.0);

        Docs pages = new Docs(docs);
        pages.write(report);
        assertThat(pages.missing(Capacity.INPUTS))
                .containsExactly(
                        "stream.eos_vs_alos",
                        "processed.record_bytes",
                        "store.bytes_per_id",
                        "store.filter_bytes_per_id",
                        "changelog.bytes_per_id",
                        "sink.orders_per_s");
    }
}
