package io.onlyonce.query.semantics;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonProperty.Access;
import io.onlyonce.query.semantics.BenchResults.BenchRun;
import io.onlyonce.query.semantics.BenchResults.Result;
import io.swagger.v3.oas.annotations.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Returns the static descriptions in semantics.json together with the measured costs. */
@RestController
final class SemanticsController {
    private final List<Semantics> descriptions;
    private final BenchResults bench;

    SemanticsController(@Value("classpath:semantics.json") Resource descriptions, JsonMapper json, BenchResults bench)
            throws IOException {
        try (InputStream in = descriptions.getInputStream()) {
            this.descriptions = json.readValue(in, new TypeReference<>() {});
        }
        this.bench = bench;
    }

    /** @param measuredAt null if nothing was measured */
    record Comparison(String measurement, Instant measuredAt, List<Semantics> semantics) {}

    /**
     * @param promise what happens to an order, even after crashes
     * @param settings by component
     */
    record Semantics(
            String name,
            String promise,
            boolean mayLose,
            boolean mayDuplicate,
            Map<String, List<String>> settings,
            Cost cost,
            String useWhen) {
        Semantics withMeasurements(List<Measurement> measurements) {
            return new Semantics(
                    name, promise, mayLose, mayDuplicate, settings, new Cost(cost.paidFor(), measurements), useWhen);
        }
    }

    /** @param paidFor the cause of the cost */
    record Cost(String paidFor, List<Measurement> measurements) {}

    /**
     * @param baseline in semantics.json: whether to show the value of the baseline instead of the candidate's
     * @param comparedWith the baseline of the same run; null if there is none
     */
    record Measurement(
            String name,
            String what,
            @JsonProperty(access = Access.WRITE_ONLY) Boolean baseline,
            Double value,
            String unit,
            String comparedWith) {
        Optional<Measurement> from(Result result) {
            if (Boolean.TRUE.equals(baseline)) {
                return Optional.ofNullable(result.peerValue())
                        .map(peer -> new Measurement(name, what, true, peer, result.unit(), null));
            }
            String comparison = result.peerValue() == null
                    ? null
                    : "%s: %s, ratio %.2f".formatted(result.peer(), result.peerValue(), result.ratio());
            return Optional.of(new Measurement(name, what, false, result.value(), result.unit(), comparison));
        }
    }

    @GetMapping("/compare/semantics")
    @Operation(summary = "Compares at-most-once, at-least-once and exactly-once: guarantee, settings, cost, and use")
    Comparison compare() {
        Optional<BenchRun> run = bench.latest();
        List<Result> results = run.map(BenchRun::results).orElse(List.of());
        return new Comparison(
                run.map(this::method).orElse("not measured yet: run ./lab bench"),
                run.map(found -> found.environment().at()).orElse(null),
                descriptions.stream()
                        .map(semantics -> semantics.withMeasurements(
                                measurements(semantics.cost().measurements(), results)))
                        .toList());
    }

    private String method(BenchRun run) {
        return "measured by ./lab bench in one run, on %d cores of %s with %d GiB; from %s"
                .formatted(
                        run.environment().cores(),
                        run.environment().cpu(),
                        run.environment().memoryGib(),
                        bench.file());
    }

    private static List<Measurement> measurements(List<Measurement> templates, List<Result> results) {
        return templates.stream()
                .flatMap(template -> results.stream()
                        .filter(result -> result.name().equals(template.name()))
                        .flatMap(result -> template.from(result).stream()))
                .toList();
    }
}
