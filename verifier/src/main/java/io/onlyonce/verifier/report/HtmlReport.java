package io.onlyonce.verifier.report;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.onlyonce.verifier.check.Anomaly;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The result as one HTML page without scripts, fonts or external links. The template escapes ids and contents. */
public final class HtmlReport {
    private static final Template TEMPLATE = template();

    private HtmlReport() {}

    /**
     * Where a result comes from.
     *
     * @param command repeats the run
     * @param machine for example "2 cores, 24 GiB"
     * @param versions of Java and Kafka
     */
    public record Origin(String command, String machine, String versions) {}

    private record Page(String title, String subtitle, Origin origin, List<Section> runs) {}

    private record Section(String heading, Result result) {
        List<Chart> charts() {
            return Chart.of(result.timeline(), result.kills());
        }

        List<Found> found() {
            return Arrays.stream(Anomaly.values())
                    .map(one -> new Found(one, result.count(one)))
                    .toList();
        }

        String throughput() {
            return format("%,.0f", result.throughputPerS());
        }

        String latency() {
            Result.Latency ms = result.latencyMs();
            return format("%,.0f / %,.0f / %,.0f ms", ms.p50(), ms.p95(), ms.p99());
        }
    }

    private record Found(Anomaly anomaly, long count) {
        String label() {
            return anomaly.wireName().replace('_', ' ');
        }

        boolean bad() {
            return count > 0;
        }
    }

    public static String of(Result result, Origin origin) {
        return page("Onlyonce: " + result.mode() + " under faults", origin, new Section("", result));
    }

    public static String of(DemoResult demo, Origin origin) {
        return page(
                "Onlyonce: exactly-once and at-least-once under the same kills",
                origin,
                new Section("Exactly-once", demo.exactlyOnce()),
                new Section("At-least-once", demo.atLeastOnce()));
    }

    private static String page(String title, Origin origin, Section... runs) {
        Result first = runs[0].result;
        String startedAt = first.startedAt().toString().substring(0, 19).replace('T', ' ');
        String subtitle = "%s UTC, seed %d. An independent verifier read the topics and the tables."
                .formatted(startedAt, first.seed());
        return TEMPLATE.execute(new Page(title, subtitle, origin, List.of(runs)));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private static Template template() {
        try (Reader source = new InputStreamReader(HtmlReport.class.getResourceAsStream("report.html"), UTF_8)) {
            return Mustache.compiler()
                    .emptyStringIsFalse(true)
                    .withFormatter(value ->
                            value instanceof Integer || value instanceof Long ? format("%,d", value) : value.toString())
                    .compile(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
