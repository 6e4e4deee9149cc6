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

/**
 * The result as one HTML page without scripts, fonts or external links.
 *
 * <p>The template {@code report.html} is in Mustache. It escapes ids and contents, which come from untrusted topics.
 */
public final class HtmlReport {
    private static final Template TEMPLATE = template();

    private HtmlReport() {}

    private record Page(String title, String subtitle, List<Section> runs) {}

    /** The part of the page for one run. */
    private record Section(String heading, Result result, List<Chart> charts, List<Row> sent, List<Row> found) {}

    private record Row(String label, String value, String meaning, boolean bad) {}

    public static String of(Result result) {
        return page("Onlyonce: " + result.mode() + " under faults", result, List.of(section("", result)));
    }

    public static String of(DemoResult demo) {
        return page(
                "Onlyonce: exactly-once and at-least-once under the same kills",
                demo.exactlyOnce(),
                List.of(section("Exactly-once", demo.exactlyOnce()), section("At-least-once", demo.atLeastOnce())));
    }

    private static String page(String title, Result result, List<Section> sections) {
        String startedAt = result.startedAt().toString().substring(0, 19).replace('T', ' ');
        String subtitle = "%s UTC, seed %d. An independent verifier read the topics and the tables."
                .formatted(startedAt, result.seed());
        return TEMPLATE.execute(new Page(title, subtitle, sections));
    }

    private static Section section(String heading, Result result) {
        return new Section(
                heading,
                result,
                Chart.of(result.timeline(), result.kills()),
                sent(result),
                Arrays.stream(Anomaly.values())
                        .map(anomaly -> row(anomaly, result.count(anomaly)))
                        .toList());
    }

    private static List<Row> sent(Result result) {
        Result.Client client = result.client();
        Result.Latency latency = result.latencyMs();
        return List.of(
                row("orders sent", result.sent()),
                row("acknowledged", result.acknowledged()),
                row("indeterminate: no response, allowed zero times or once", result.indeterminate()),
                row("duplicates sent and acknowledged", result.duplicatesSent()),
                row("duplicates rejected by the stream", result.duplicatesRejected()),
                row("requests without a response", client.unansweredRequests()),
                row("refused connections", client.refusedConnections()),
                row("invalid orders sent", client.invalidSent()),
                row("invalid orders rejected", client.invalidRefused()),
                row("acknowledged per second", format("%,.0f", result.throughputPerS())),
                row(
                        "acknowledgement latency, p50 / p95 / p99",
                        format("%,.0f / %,.0f / %,.0f ms", latency.p50(), latency.p95(), latency.p99())));
    }

    private static Row row(String label, long count) {
        return row(label, format("%,d", count));
    }

    private static Row row(String label, String value) {
        return new Row(label, value, "", false);
    }

    private static Row row(Anomaly anomaly, long count) {
        return new Row(anomaly.wireName().replace('_', ' '), format("%,d", count), anomaly.meaning(), count > 0);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    private static Template template() {
        try (Reader source = new InputStreamReader(HtmlReport.class.getResourceAsStream("report.html"), UTF_8)) {
            return Mustache.compiler().emptyStringIsFalse(true).compile(source);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
