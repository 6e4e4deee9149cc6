package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class SemanticsIT extends QueryApiIT {
    @Autowired
    private QueryProperties properties;

    @AfterEach
    void deleteResults() throws IOException {
        Files.deleteIfExists(file());
    }

    @Test
    void the_comparison_contains_no_costs_without_a_benchmark() {
        Api.Response comparison = get("/compare/semantics");
        assertThat(comparison
                        .at("/semantics")
                        .valueStream()
                        .map(semantics -> semantics.at("/name").asString()))
                .containsExactly("at-most-once", "at-least-once", "exactly-once");
        assertThat(comparison.at("/measurement").asString())
                .contains("not measured yet")
                .contains("./lab bench");
        assertThat(comparison.at("/semantics").valueStream())
                .allMatch(semantics -> semantics.at("/cost/measurements").isEmpty());
    }

    @Test
    void the_costs_come_from_the_benchmark_with_its_time_and_machine() throws IOException {
        Files.writeString(file(), """
                {"environment":{"at":"2026-11-25T20:56:59Z","cpu":"Abacus","cores":2,"memory_gib":24,"load":6.07},
                "results":[{"name":"ingest.eos_vs_at_most_once","value":9000.5,"unit":"orders/s",
                "peer":"acks=0","peer_value":10000,"ratio":0.90005,"rounds":5}]}""");
        Api.Response comparison = get("/compare/semantics");
        assertThat(comparison.at("/measured_at").asString()).isEqualTo("2026-11-25T20:56:59Z");
        assertThat(comparison.at("/measurement").asString()).contains("2 cores of Abacus with 24 GiB");
        assertThat(comparison.at("/semantics/0/cost/measurements/0/value").asDouble())
                .isEqualTo(10000);
        assertThat(comparison.at("/semantics/2/cost/measurements/0/value").asDouble())
                .isEqualTo(9000.5);
        assertThat(comparison
                        .at("/semantics/2/cost/measurements/0/compared_with")
                        .asString())
                .contains("0.90");
    }

    @Test
    void the_comparison_uses_the_names_that_the_benchmark_writes() throws IOException {
        Files.copy(Path.of("../docs/performance.json"), file());
        Api.Response comparison = get("/compare/semantics");
        assertThat(measured(comparison, 0)).containsExactly("ingest.eos_vs_at_most_once");
        assertThat(measured(comparison, 1)).containsExactly("stream.eos_vs_alos");
        assertThat(measured(comparison, 2))
                .containsExactly(
                        "ingest.eos_vs_at_most_once",
                        "ingest.p99_ms",
                        "stream.eos_vs_alos",
                        "e2e.latency_p50_ms",
                        "e2e.latency_p99_ms");
    }

    @Test
    void an_invalid_results_file_is_ignored() throws IOException {
        Files.writeString(file(), "[]");
        assertThat(get("/compare/semantics").at("/measurement").asString()).contains("not measured yet");
    }

    private static List<String> measured(Api.Response comparison, int semantics) {
        return comparison
                .at("/semantics/" + semantics + "/cost/measurements")
                .valueStream()
                .map(measurement -> measurement.at("/name").asString())
                .toList();
    }

    private Path file() {
        return properties.benchResults();
    }
}
