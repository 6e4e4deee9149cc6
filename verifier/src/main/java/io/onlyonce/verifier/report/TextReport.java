package io.onlyonce.verifier.report;

import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.faults.Fault;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The result as text for a terminal of 80 columns, with one column per run. */
public final class TextReport {
    private static final int LABEL_WIDTH = 40;
    private static final int CELL_WIDTH = 20;
    private static final int MAX_FAULTS = 12;

    private TextReport() {}

    public static String of(Result result) {
        StringBuilder text = new StringBuilder(ledger(List.of(result)) + "\n" + faults(result));
        if (!result.examples().isEmpty()) {
            text.append("\nexamples\n");
            for (Findings.Example one : result.examples()) {
                String name = one.anomaly().wireName();
                text.append("  %-16s %s%n  %-16s %s%n".formatted(name, one.where(), "", one.what()));
            }
        }
        return text + "\n" + verdict(result);
    }

    public static String of(DemoResult demo) {
        Result exactlyOnce = demo.exactlyOnce();
        Result atLeastOnce = demo.atLeastOnce();
        StringBuilder text = new StringBuilder(ledger(List.of(exactlyOnce, atLeastOnce)));
        text.append("%nkills under exactly-once%n%s".formatted(faults(exactlyOnce)));
        text.append("%nkills under at-least-once%n%s%n".formatted(faults(atLeastOnce)));
        text.append("""
                Both runs sent the same orders, some of them twice, and killed the stream with
                kill -9 under load. Under at-least-once, %,d records were processed again after
                a kill. The other duplicates are orders that the client sent twice, which this
                pipeline does not detect.
                """.formatted(atLeastOnce.reprocessed()));
        if (demo.isConvincing()) {
            String passed =
                    "%nPASSED  exactly-once lost and duplicated nothing.%n        At-least-once duplicated %,d orders.%n";
            return text + passed.formatted(atLeastOnce.duplicated());
        }
        text.append("\nFAILED\n");
        exactlyOnce.violations().forEach(line -> text.append("  exactly-once: %s%n".formatted(line)));
        if (exactlyOnce.kills().isEmpty() || atLeastOnce.kills().isEmpty()) {
            text.append("  the stream was not killed in both runs, so that nothing was tested\n");
        } else if (!DemoResult.showsReplay(atLeastOnce)) {
            text.append("  at-least-once replayed nothing after a kill, so that the runs show no difference\n");
        }
        return text.toString();
    }

    private static String ledger(List<Result> results) {
        String rule = "-".repeat(LABEL_WIDTH + CELL_WIDTH * results.size()) + "\n";
        return row(results, "", Result::mode)
                + row(results, "orders sent", r -> count(r.sent()))
                + row(results, "  acknowledged", r -> count(r.acknowledged()))
                + row(results, "  indeterminate (no response)", r -> count(r.indeterminate()))
                + row(results, "duplicates sent and acknowledged", r -> count(r.duplicatesSent()))
                + row(results, "duplicates rejected by the stream", r -> count(r.duplicatesRejected()))
                + row(results, "kills and freezes", r -> count(r.kills().size()))
                + rule
                + row(results, "lost", r -> count(r.lost()))
                + row(results, "duplicated", r -> count(r.duplicated()))
                + row(results, "  by a replay after a crash (records)", r -> count(r.reprocessed()))
                + row(results, "phantom (never sent or never committed)", r -> count(r.phantom()))
                + row(results, "altered", r -> count(r.altered()))
                + row(results, "partially committed batches", r -> count(r.partialBatches()))
                + row(results, "out of order", r -> count(r.count(Anomaly.OUT_OF_ORDER)))
                + row(results, "other anomalies", r -> count(others(r)))
                + rule
                + row(results, "recovery, median / max", r -> spread(r.recoveryMs()))
                + row(results, "acknowledged per second", r -> "%,.0f".formatted(r.throughputPerS()))
                + row(
                        results,
                        "acknowledgement latency, p50 / p99",
                        r -> "%,.0f / %,.0f ms"
                                .formatted(r.latencyMs().p50(), r.latencyMs().p99()));
    }

    private static String row(List<Result> results, String label, Function<Result, String> cell) {
        StringBuilder line = new StringBuilder(String.format("%-" + LABEL_WIDTH + "s", label));
        results.forEach(result -> line.append(String.format("%" + CELL_WIDTH + "s", cell.apply(result))));
        return line.toString().stripTrailing() + "\n";
    }

    private static String faults(Result result) {
        StringBuilder text = new StringBuilder();
        for (Fault one : result.kills().stream().limit(MAX_FAULTS).toList()) {
            String recovery = one.recoveryMs() == null
                    ? "did not recover"
                    : "%,6d ms to the %s".formatted(one.recoveryMs(), one.measuredBy());
            text.append("%6.1f s  %-8s%-9s%s%n".formatted(one.atS(), one.signal(), one.part(), recovery));
        }
        if (result.kills().size() > MAX_FAULTS) {
            text.append("  and %d more%n".formatted(result.kills().size() - MAX_FAULTS));
        }
        return text.toString();
    }

    private static String verdict(Result result) {
        if (result.passed()) {
            return "PASSED  %s held (seed %d).%n        Nothing was lost, duplicated, altered, partially committed or phantom.%n"
                    .formatted(result.mode(), result.seed());
        }
        return "FAILED  seed %d%n  %s%n"
                .formatted(result.seed(), String.join(System.lineSeparator() + "  ", result.violations()));
    }

    private static long others(Result result) {
        return result.anomalies().values().stream().mapToLong(n -> n).sum() - result.count(Anomaly.OUT_OF_ORDER);
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String spread(Result.Spread spread) {
        return spread.median() == null ? "-" : "%,d / %,d ms".formatted(spread.median(), spread.max());
    }
}
