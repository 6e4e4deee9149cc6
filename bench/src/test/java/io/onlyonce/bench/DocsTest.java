package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocsTest {
    @TempDir
    private Path docs;

    private final Protocol protocol = new Protocol(Environment.here(true));

    @Test
    void a_whole_run_fills_the_pages_between_their_markers_and_nothing_else() throws IOException {
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
                "sink.vs_batch_insert")) {
            protocol.result(
                    Result.ratio(name, Rounds.of(30_000), "orders/s", "peer of " + name, Rounds.of(20_000), 0.5));
        }
        protocol.result(Result.atMost("e2e.latency_p99_ms", Rounds.of(300), "ms", 600));
        for (String name : List.of(
                "order.record_bytes",
                "processed.record_bytes",
                "store.bytes_per_id",
                "store.filter_bytes_per_id",
                "changelog.bytes_per_id")) {
            protocol.figure(name, 100);
        }

        new Docs(protocol, docs).write();

        assertThat(docs.resolve("performance.md"))
                .content()
                .startsWith("before\n<!-- bench:begin -->\n")
                .endsWith("\n<!-- bench:end -->\nafter\n")
                .containsPattern("Kafka clients [0-9.]+, broker [0-9.]+;")
                .contains("| `ingest.eos_vs_http_only` | 30,000 orders/s |", "| 1.50 | >= 0.5 | met |")
                .doesNotContain("old");
        assertThat(docs.resolve("scaling.md")).content().contains("| orders/s | 10,000 | 100,000 | 1,000,000 |");
        assertThat(docs.resolve("performance.json")).content().contains("\"peer_value\"");
        for (String plot : List.of("stream.svg", "ingest.svg", "ratios.svg")) {
            assertThat(docs.resolve("performance").resolve(plot)).content().contains("<svg");
        }
    }

    @Test
    void a_partial_run_leaves_the_pages_as_they_are() throws IOException {
        Files.writeString(docs.resolve("performance.md"), "as it was");
        protocol.result(Result.atMost("e2e.latency_p99_ms", Rounds.of(300), "ms", 600));

        new Docs(protocol, docs).write();

        assertThat(docs.resolve("performance.md")).content().isEqualTo("as it was");
        assertThat(docs.resolve("scaling.md")).doesNotExist();
        assertThat(docs.resolve("performance.json")).doesNotExist();
    }
}
