package io.onlyonce.query.semantics;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonProperty.Access;
import io.onlyonce.query.QueryProperties;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.Resource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Returns the static descriptions in semantics.json together with the costs in the results file of `lab bench`. */
@RestController
@Tag(name = "Comparison", description = "The delivery semantics side by side")
final class SemanticsController {
    private static final Logger log = LoggerFactory.getLogger(SemanticsController.class);

    private final List<Semantics> descriptions;
    private final Path benchResults;
    private final JsonMapper json;

    SemanticsController(
            @Value("classpath:semantics.json") Resource descriptions, JsonMapper json, QueryProperties properties)
            throws IOException {
        this.descriptions = json.readValue(descriptions.getContentAsByteArray(), new TypeReference<>() {});
        this.benchResults = properties.benchResults();
        this.json = json;
    }

    /** The bench writes further fields, which Jackson ignores. */
    record BenchRun(Environment environment, List<Result> results) {}

    /** @param at time of the newest run; the modification time of the file would be the time of the checkout */
    record Environment(Instant at, String cpu, int cores, int memoryGib) {}

    record Measured(Instant at) {}

    /**
     * A candidate and its baseline, measured in the same run.
     *
     * @param name for example `stream.eos_vs_alos`
     * @param peer name of the baseline; null if there is none, like `peerValue` and `ratio`
     * @param ratio `value` divided by `peerValue`
     * @param measured null in a file with a single run
     */
    record Result(
            String name, Double value, String unit, String peer, Double peerValue, Double ratio, Measured measured) {}

    /** @param measuredAt the time of the oldest measurement; null if nothing was measured */
    record Comparison(String measurement, @Nullable Instant measuredAt, List<Semantics> semantics) {}

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
        Semantics withMeasurements(List<Result> results) {
            var measurements = cost.measurements().stream()
                    .flatMap(template -> results.stream()
                            .filter(result -> result.name().equals(template.name()))
                            .flatMap(result -> template.from(result).stream()))
                    .toList();
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
            @Nullable String comparedWith) {
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
    @Operation(
            operationId = "compareSemantics",
            summary = "Compares at-most-once, at-least-once and exactly-once: guarantee, settings, cost, and use")
    Comparison compare() {
        Optional<BenchRun> run = latestRun();
        List<Result> results = run.map(BenchRun::results).orElse(List.of());
        return new Comparison(
                run.map(found -> method(found.environment())).orElse("not measured yet: run ./lab bench"),
                run.map(this::oldest).orElse(null),
                descriptions.stream()
                        .map(semantics -> semantics.withMeasurements(results))
                        .toList());
    }

    /** Returns when the oldest of the shown results was measured. */
    private Instant oldest(BenchRun run) {
        Set<String> shown = descriptions.stream()
                .flatMap(semantics -> semantics.cost().measurements().stream())
                .map(Measurement::name)
                .collect(Collectors.toSet());
        return run.results().stream()
                .filter(result -> result.measured() != null && shown.contains(result.name()))
                .map(result -> result.measured().at())
                .min(Comparator.naturalOrder())
                .orElse(run.environment().at());
    }

    private String method(Environment run) {
        return "measured by ./lab bench, each value and its baseline in one run, on %d cores of %s with %d GiB; from %s"
                .formatted(run.cores(), run.cpu(), run.memoryGib(), benchResults);
    }

    /** Reads the file on each call, because a new benchmark can replace it. */
    private Optional<BenchRun> latestRun() {
        if (!Files.isReadable(benchResults)) {
            return Optional.empty();
        }
        try {
            return Optional.of(json.readValue(Files.readAllBytes(benchResults), BenchRun.class))
                    .filter(run -> run.environment() != null && run.results() != null);
        } catch (IOException | JacksonException e) {
            log.warn("Cannot read the benchmark results file={}", benchResults, e);
            return Optional.empty();
        }
    }
}
