package io.onlyonce.verifier.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.faults.Fault;
import io.onlyonce.verifier.faults.PlannedFault.Signal;
import io.onlyonce.verifier.observe.Timeline;
import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ReportTest {
    private static final Instant START = Instant.parse("2026-11-23T10:15:30Z");
    private static final List<Fault> KILLS = List.of(
            new Fault("consumer", Signal.SIGKILL, START.plusSeconds(6), 6, 3_100L, 4_700L, "first record"),
            new Fault("producer", Signal.SIGSTOP, START.plusSeconds(12), 12, 4_200L, 5_000L, "first order"),
            new Fault("kafka", Signal.SIGKILL, START.plusSeconds(19), 19, null, null, "first order"));
    private static final Result FAILED = result("at-least-once", 52);
    private static final Result PASSED = result("exactly-once", 0);

    private static final HtmlReport.Origin ORIGIN = new HtmlReport.Origin(
            "./lab verify --kill consumer --seed 42",
            "2 cores (Xeon), 24 GiB, Linux 6.1",
            "Java 25, Kafka clients 4.4.0");

    @Test
    void the_json_has_the_fields_of_the_contract() throws InvalidJsonException {
        JsonNode json = ContractJson.object(JsonReport.of(FAILED).getBytes());
        assertThat(json.propertyNames())
                .startsWith(
                        "mode",
                        "sent",
                        "acknowledged",
                        "indeterminate",
                        "lost",
                        "duplicated",
                        "phantom",
                        "altered",
                        "partial_batches",
                        "duplicates_sent",
                        "duplicates_rejected",
                        "kills",
                        "recovery_ms",
                        "throughput_per_s")
                .doesNotContain("timeline");
        assertThat(json.get("kills").get(0).get("part").stringValue()).isEqualTo("consumer");
        assertThat(json.get("kills").get(0).get("at").stringValue()).isEqualTo("2026-11-23T10:15:36Z");
        assertThat(json.get("recovery_ms").get("median").intValue()).isEqualTo(3_100);
        assertThat(json.get("recovery_ms").get("max").intValue()).isEqualTo(4_200);
        assertThat(json.get("kills").get(0).get("signal").stringValue()).isEqualTo("SIGKILL");
        assertThat(json.get("anomalies").get("stalled").intValue()).isZero();
        assertThat(json.get("examples").get(0).get("anomaly").stringValue()).isEqualTo("duplicated");
    }

    @Test
    void the_json_of_a_demo_has_both_runs() throws InvalidJsonException {
        JsonNode json = ContractJson.object(
                JsonReport.of(new DemoResult(PASSED, FAILED)).getBytes());
        assertThat(json.propertyNames()).containsExactly("exactly_once", "at_least_once");
        assertThat(json.get("at_least_once").get("duplicated").intValue()).isEqualTo(52);
    }

    @Test
    void a_recovery_that_was_not_measured_is_null_and_not_zero() throws InvalidJsonException {
        assertThat(Result.Spread.of(List.of())).isEqualTo(new Result.Spread(null, null));
        assertThat(Result.Spread.of(List.of(5L, 1L, 3L))).isEqualTo(new Result.Spread(3L, 5L));
        assertThat(Result.Spread.of(List.of(4L, 1L))).isEqualTo(new Result.Spread(2L, 4L));
    }

    @Test
    void the_text_report_shows_the_verdict_and_its_reasons() {
        assertThat(TextReport.of(PASSED)).contains("PASSED", "seed 42").doesNotContain("FAILED");
        assertThat(TextReport.of(FAILED))
                .contains("FAILED", "duplicated: 52", "SIGKILL", "consumer", "3,100 ms", "did not recover");
    }

    @Test
    void a_demo_shows_both_ledgers_and_the_verdict() {
        DemoResult convincing = new DemoResult(PASSED, FAILED);
        assertThat(convincing.isConvincing()).isTrue();
        assertThat(TextReport.of(convincing)).contains("exactly-once       at-least-once", "PASSED");
        assertThat(TextReport.of(convincing).lines()).allMatch(line -> line.length() <= 80, "at most 80 columns");
    }

    @Test
    void a_demo_is_convincing_only_if_exactly_once_held_and_at_least_once_replayed() {
        Result held = result("at-least-once", 0, KILLS, 0);
        assertThat(new DemoResult(PASSED, FAILED).isConvincing()).isTrue();
        assertThat(new DemoResult(FAILED, FAILED).isConvincing()).isFalse();
        assertThat(new DemoResult(PASSED, held).isConvincing()).isFalse();
        assertThat(TextReport.of(new DemoResult(PASSED, held))).contains("FAILED", "replayed nothing");
    }

    /** The at-least-once pipeline processes these duplicates without any crash. */
    @Test
    void duplicates_of_the_client_do_not_make_a_demo_convincing() {
        Result noReplay = result("at-least-once", 52, KILLS, 0);
        assertThat(new DemoResult(PASSED, noReplay).isConvincing()).isFalse();
        assertThat(TextReport.of(new DemoResult(PASSED, noReplay))).contains("FAILED", "replayed nothing");
        Result noKill = result("at-least-once", 52, List.of(), 3);
        assertThat(new DemoResult(PASSED, noKill).isConvincing()).isFalse();
        assertThat(TextReport.of(new DemoResult(PASSED, noKill))).contains("FAILED", "was not killed");
    }

    @Test
    void the_page_has_no_external_links_and_escapes_its_data() throws IOException {
        String html = HtmlReport.of(FAILED, ORIGIN);
        Files.writeString(Path.of("target", "report-sample.html"), html);
        assertThat(html)
                .contains("./lab verify --kill consumer --seed 42", "24 GiB", "Kafka clients 4.4.0")
                .contains("v1-&lt;b&gt;", "FAILED", "kill consumer", "freeze producer", "<polyline")
                .doesNotContain("<script", "http:", "https:", "{{");
        assertThat(HtmlReport.of(new DemoResult(PASSED, FAILED), ORIGIN)).contains("Exactly-once", "At-least-once");
    }

    @Test
    void a_run_without_samples_has_a_chart() {
        assertThat(Chart.of(List.of(), List.of()).toString()).doesNotContain("NaN", "Infinity");
    }

    private static Result result(String mode, long duplicated) {
        return result(mode, duplicated, KILLS, 3);
    }

    private static Result result(String mode, long duplicated, List<Fault> kills, long reprocessed) {
        List<String> violations = duplicated == 0 ? List.of() : List.of("duplicated: 52 (processed more than once)");
        List<Findings.Example> examples = duplicated == 0
                ? List.of()
                : List.of(new Findings.Example(
                        Anomaly.DUPLICATED, "v1-<b>", "2 times in orders, 3 times in orders.processed"));
        List<Timeline.Sample> samples = new ArrayList<>();
        long out = 0;
        for (int i = 0; i <= 80; i++) {
            long in = 125L * i;
            out = i > 24 && i < 44 ? out : Math.min(in, out + 220);
            samples.add(new Timeline.Sample(i * 0.25, in, out, Math.max(0, out - 50), in - out));
        }
        return new Result(
                mode,
                10_000,
                9_998,
                2,
                0,
                duplicated,
                0,
                0,
                0,
                500,
                503,
                kills,
                new Result.Spread(3_100L, 4_200L),
                499.7,
                violations.isEmpty(),
                violations,
                42,
                "v1",
                START,
                20,
                reprocessed,
                Map.of(Anomaly.STALLED, 0L),
                new Result.Records(10_500, 10_000, 503, 0),
                new Result.Client(7, 3, 4, 50, 50),
                new Result.Latency(9.1, 30, 1_900, 4_300),
                examples,
                samples);
    }
}
