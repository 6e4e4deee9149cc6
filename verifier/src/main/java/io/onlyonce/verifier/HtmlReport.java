package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;

/** The report as one HTML page that needs nothing else: no script, no font, no address outside itself. */
public final class HtmlReport {
    private HtmlReport() {}

    /** The page for one run. */
    public static String of(Result result) {
        return page("Onlyonce: " + result.mode() + " under faults", result, section(result));
    }

    /** The page for a demo: both runs, one below the other. */
    public static String of(Demo.Outcome outcome) {
        String body = "<h2>Exactly-once</h2>" + section(outcome.exactlyOnce()) + "<h2>At-least-once</h2>"
                + section(outcome.atLeastOnce());
        return page("Onlyonce: exactly-once and at-least-once under the same kills", outcome.exactlyOnce(), body);
    }

    private static String page(String title, Result result, String body) {
        String subtitle = "%s, seed %d. Read from the topics and the tables by an independent verifier."
                .formatted(result.startedAt().toString().substring(0, 19).replace('T', ' ') + " UTC", result.seed());
        return template()
                .replace("{{title}}", escape(title))
                .replace("{{subtitle}}", escape(subtitle))
                .replace("{{body}}", body);
    }

    private static String section(Result result) {
        return verdict(result) + curves(result) + "<div class=\"columns\"><div>" + ledger(result) + "</div><div>"
                + found(result) + "</div></div>" + faults(result) + examples(result);
    }

    private static String verdict(Result result) {
        if (result.passed()) {
            return "<div class=\"verdict passed\"><strong>PASSED</strong> Nothing was lost, duplicated, altered, half-committed or made up.</div>";
        }
        StringBuilder html = new StringBuilder("<div class=\"verdict failed\"><strong>FAILED</strong><ul>");
        result.violations()
                .forEach(line -> html.append("<li>").append(escape(line)).append("</li>"));
        return html.append("</ul></div>").toString();
    }

    private static String curves(Result result) {
        Chart chart = new Chart(result.timeline(), result.kills());
        return """
                <h2>Records a second</h2>
                <p>%s%s%s%s</p>%s
                <h2>Lag: committed to orders and not come out yet</h2>%s
                """.formatted(
                        key("in", "acknowledged"),
                        key("out", "processed, as a reader of committed data sees it"),
                        key("rows", "rows visible"),
                        key("kill", "fault, shaded until the first new output"),
                        chart.rates(),
                        chart.lag());
    }

    private static String key(String color, String label) {
        return "<span class=\"key\" style=\"border-color: var(--%s)\"></span>%s".formatted(color, label);
    }

    private static String ledger(Result result) {
        return "<h2>What was sent</h2><table>"
                + row("orders sent", result.sent())
                + row("acknowledged", result.acknowledged())
                + row("indeterminate: no answer, allowed nought or one times", result.indeterminate())
                + row("sent again and acknowledged again", result.duplicatesSent())
                + row("rejected as duplicates by the stream", result.duplicatesRejected())
                + row("requests without an answer", result.client().unansweredRequests())
                + row("refused connections", result.client().refusedConnections())
                + row("invalid orders sent", result.client().invalidSent())
                + row("invalid orders refused", result.client().invalidRefused())
                + text("acknowledged a second", format("%,.0f", result.throughputPerS()))
                + text(
                        "acknowledged after, p50 / p95 / p99",
                        format(
                                "%,.0f / %,.0f / %,.0f ms",
                                result.latencyMs().p50(),
                                result.latencyMs().p95(),
                                result.latencyMs().p99()))
                + "</table>";
    }

    private static String found(Result result) {
        Result.Anomalies other = result.anomalies();
        return "<h2>What was found</h2><table>"
                + finding(Anomaly.LOST, result.lost())
                + finding(Anomaly.DUPLICATED, result.duplicated())
                + finding(Anomaly.PHANTOM, result.phantom())
                + finding(Anomaly.ALTERED, result.altered())
                + finding(Anomaly.PARTIAL_BATCH, result.partialBatches())
                + finding(Anomaly.OUT_OF_ORDER, other.outOfOrder())
                + finding(Anomaly.MISSING_RECORD, other.missingRecords())
                + finding(Anomaly.EXTRA_RECORD, other.extraRecords())
                + finding(Anomaly.UNBALANCED, other.unbalanced())
                + finding(Anomaly.MISSING_ROW, other.missingRows())
                + finding(Anomaly.INVALID_ACCEPTED, other.invalidAccepted())
                + finding(Anomaly.REFUSED, other.refused())
                + finding(Anomaly.STALLED, other.stalled())
                + finding(Anomaly.NOT_RECOVERED, other.notRecovered())
                + "</table>";
    }

    private static String faults(Result result) {
        if (result.kills().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<h2>Faults</h2><table><tr><th class=\"n\">after</th><th>signal</th>"
                + "<th>part</th><th class=\"n\">recovery</th><th>from its new start to the</th></tr>");
        for (Injury one : result.kills()) {
            html.append("<tr><td class=\"n\">%s</td><td>%s</td><td>%s</td><td class=\"n\">%s</td><td>%s</td></tr>"
                    .formatted(
                            format("%.1f s", one.atS()),
                            one.signal(),
                            one.part(),
                            one.recoveryMs() == null ? "never" : format("%,d ms", one.recoveryMs()),
                            one.measuredBy()));
        }
        return html.append("</table>").toString();
    }

    private static String examples(Result result) {
        if (result.examples().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder(
                "<h2>Examples</h2><table><tr><th>anomaly</th><th>order or place</th><th>case</th></tr>");
        for (Result.Case one : result.examples()) {
            html.append("<tr><td>%s</td><td><code>%s</code></td><td>%s</td></tr>"
                    .formatted(one.anomaly(), escape(one.where()), escape(one.what())));
        }
        return html.append("</table>").toString();
    }

    private static String finding(Anomaly anomaly, long count) {
        return "<tr title=\"%s\"><td>%s</td><td class=\"n%s\">%s</td></tr>"
                .formatted(
                        escape(anomaly.meaning()),
                        anomaly.wireName().replace('_', ' '),
                        count > 0 ? " bad" : "",
                        format("%,d", count));
    }

    private static String row(String label, long count) {
        return text(label, format("%,d", count));
    }

    private static String text(String label, String value) {
        return "<tr><td>%s</td><td class=\"n\">%s</td></tr>".formatted(escape(label), escape(value));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** Ids and contents come from topics that this program distrusts. */
    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private static String template() {
        try (InputStream template = HtmlReport.class.getResourceAsStream("report.html")) {
            return new String(template.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
