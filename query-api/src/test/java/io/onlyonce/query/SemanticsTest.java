package io.onlyonce.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class SemanticsTest extends LabTest {
    @Autowired
    private QueryProperties properties;

    @AfterEach
    void forget() throws IOException {
        Files.deleteIfExists(file());
    }

    @Test
    void the_three_semantics_stand_side_by_side_and_claim_no_figure_that_was_not_measured() {
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
    void the_cost_is_what_the_benchmark_has_measured_here() throws IOException {
        Files.writeString(file(), """
                {"results":[{"name":"ingest.eos_vs_at_most_once","value":9000.5,"unit":"orders/s",
                "peer":"acks=0","peer_value":10000,"ratio":0.90005,"rounds":5}]}""");
        Api.Response comparison = get("/compare/semantics");
        assertThat(comparison.at("/measured_at").isNull()).isFalse();
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
    void a_file_that_is_no_result_counts_as_none() throws IOException {
        Files.writeString(file(), "[]");
        assertThat(get("/compare/semantics").at("/measurement").asString()).contains("not measured yet");
    }

    private Path file() {
        return properties.benchResults();
    }
}
