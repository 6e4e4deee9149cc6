package io.onlyonce.query.semantics;

import io.onlyonce.model.DeliveryMode;
import io.onlyonce.query.semantics.BenchResults.Result;
import io.onlyonce.query.semantics.BenchResults.Run;
import io.swagger.v3.oas.annotations.Operation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class SemanticsController {
    private static final String NOT_MEASURED = "not measured yet: run ./lab bench";

    private final BenchResults bench;

    SemanticsController(BenchResults bench) {
        this.bench = bench;
    }

    /** @param measuredAt null where nothing was measured */
    record Comparison(String measurement, Instant measuredAt, List<Semantics> semantics) {}

    /**
     * @param promise what becomes of an order, whatever crashes
     * @param settings behind it, by part
     * @param useWhen what it is right for
     */
    record Semantics(
            String name,
            String promise,
            boolean mayLose,
            boolean mayDuplicate,
            Map<String, List<String>> settings,
            Cost cost,
            String useWhen) {}

    /**
     * @param paidFor where the cost comes from
     * @param measurements empty where there are none
     */
    record Cost(String paidFor, List<Measurement> measurements) {}

    /** @param comparedWith how the other contender of the same run did; null where there was none */
    record Measurement(String name, String what, Double value, String unit, String comparedWith) {}

    @GetMapping("/compare/semantics")
    @Operation(summary = "At-most-once, at-least-once and exactly-once: promise, settings, cost, use")
    Comparison compare() {
        Optional<Run> run = bench.latest();
        return new Comparison(
                run.map(SemanticsController::measurement).orElse(NOT_MEASURED),
                run.map(found -> found.environment().at()).orElse(null),
                List.of(atMostOnce(new Measured(run)), atLeastOnce(new Measured(run)), exactlyOnce(new Measured(run))));
    }

    private static String measurement(Run run) {
        return "measured by ./lab bench, all contenders in one run, on %d cores of %s with %d GiB; from %s"
                .formatted(
                        run.environment().cores(),
                        run.environment().cpu(),
                        run.environment().memoryGib(),
                        run.file());
    }

    private static Semantics atMostOnce(Measured measured) {
        return new Semantics(
                DeliveryMode.AT_MOST_ONCE.wireName(),
                "An order is processed once or not at all. It is acknowledged before the broker has it.",
                true,
                false,
                settings(
                        List.of("acks=0", "retries=0", "enable.idempotence=false", "no transactions"),
                        List.of("offsets committed before the output: not offered here, at-least-once is the least"),
                        List.of("none: what never arrived leaves no trace")),
                new Cost(
                        "nothing: no acknowledgement is awaited",
                        measured.peer("ingest.eos_vs_at_most_once", "POST /orders with acks=0")),
                "A reading among many: metrics, telemetry, a cursor's position. Never for what somebody will ask after.");
    }

    private static Semantics atLeastOnce(Measured measured) {
        return new Semantics(
                DeliveryMode.AT_LEAST_ONCE.wireName(),
                "Every acknowledged order is processed; after a crash some are processed again.",
                false,
                true,
                settings(
                        List.of("acks=all", "retries", "enable.idempotence=false", "no transactions"),
                        List.of(
                                "processing.guarantee=at_least_once",
                                "offsets committed after the output, not with it"),
                        List.of("upsert by order_id hides a duplicate, a row a record (processed_messages) shows it")),
                new Cost(
                        "one round trip to the broker before each answer",
                        measured.peer("stream.eos_vs_alos", "the stream under at-least-once")),
                "Where handling twice is harmless: idempotent writes, caches, search indexes.");
    }

    private static Semantics exactlyOnce(Measured measured) {
        List<Measurement> measurements = new ArrayList<>();
        measurements.addAll(measured.own("ingest.eos_vs_at_most_once", "POST /orders, exactly-once, against acks=0"));
        measurements.addAll(measured.own("ingest.p99_ms", "99th percentile of POST /orders at half its maximum rate"));
        measurements.addAll(measured.own("stream.eos_vs_alos", "the stream, exactly-once, against at-least-once"));
        measurements.addAll(measured.own("e2e.latency_p50_ms", "from the acknowledged POST to the row, median"));
        measurements.addAll(
                measured.own("e2e.latency_p99_ms", "from the acknowledged POST to the row, 99th percentile"));
        return new Semantics(
                DeliveryMode.EXACTLY_ONCE.wireName(),
                "Every acknowledged order takes effect once: one record, one row, whatever crashes in between.",
                false,
                false,
                settings(
                        List.of("enable.idempotence=true", "transactional.id", "one transaction for many requests"),
                        List.of(
                                "processing.guarantee=exactly_once_v2",
                                "isolation.level=read_committed",
                                "output, state and offsets in one transaction",
                                "deduplication by order_id: a client that sends again is a new record"),
                        List.of(
                                "isolation.level=read_committed",
                                "upsert by order_id, and by topic, partition and offset")),
                new Cost(
                        "a transaction's markers and its commit, shared by all that ride in it; readers wait for the"
                                + " commit",
                        measurements),
                "Money, stock, orders: where both a loss and a repetition are somebody's problem.");
    }

    private static Map<String, List<String>> settings(List<String> ingest, List<String> stream, List<String> sink) {
        Map<String, List<String>> settings = new LinkedHashMap<>();
        settings.put("ingest", ingest);
        settings.put("stream", stream);
        settings.put("sink", sink);
        return settings;
    }

    /** The benchmark's rows, by name: a contender's own figure, or its peer's. */
    private record Measured(Optional<Run> run) {
        List<Measurement> own(String name, String what) {
            return of(name).stream()
                    .map(result -> new Measurement(
                            name,
                            what,
                            result.value(),
                            result.unit(),
                            result.peerValue() == null
                                    ? null
                                    : "%s: %s, ratio %.2f"
                                            .formatted(result.peer(), result.peerValue(), result.ratio())))
                    .toList();
        }

        List<Measurement> peer(String name, String what) {
            return of(name).stream()
                    .filter(result -> result.peerValue() != null)
                    .map(result -> new Measurement(name, what, result.peerValue(), result.unit(), null))
                    .toList();
        }

        private List<Result> of(String name) {
            return run.map(found -> found.results().stream()
                            .filter(result -> name.equals(result.name()))
                            .toList())
                    .orElse(List.of());
        }
    }
}
