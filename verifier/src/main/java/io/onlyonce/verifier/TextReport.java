package io.onlyonce.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The report for a terminal: one column a run. */
public final class TextReport {
    private static final int LABEL_WIDTH = 38;
    private static final int COLUMN_WIDTH = 22;
    private static final int MOST_INJURIES = 12;

    private TextReport() {}

    /** The ledger of one run, its faults, and what was found. */
    public static String of(Result result) {
        StringBuilder text = new StringBuilder(ledger(List.of(result)));
        text.append('\n').append(faults(result));
        if (!result.examples().isEmpty()) {
            text.append("\nexamples\n");
            for (Result.Case one : result.examples()) {
                text.append("  %-16s %s%n  %-16s %s%n".formatted(one.anomaly(), one.where(), "", one.what()));
            }
        }
        text.append('\n').append(verdict(result));
        return text.toString();
    }

    /** The ledgers side by side. */
    static String ledger(List<Result> results) {
        List<String> lines = new ArrayList<>();
        row(lines, results, "", Result::mode);
        row(lines, results, "orders sent", r -> count(r.sent()));
        row(lines, results, "  acknowledged", r -> count(r.acknowledged()));
        row(lines, results, "  indeterminate (no answer, allowed 0 or 1)", r -> count(r.indeterminate()));
        row(lines, results, "sent again and acknowledged again", r -> count(r.duplicatesSent()));
        row(lines, results, "rejected as duplicates by the stream", r -> count(r.duplicatesRejected()));
        row(lines, results, "kills and freezes", r -> count(r.kills().size()));
        rule(lines, results);
        row(lines, results, "lost", r -> count(r.lost()));
        row(lines, results, "duplicated", r -> count(r.duplicated()));
        row(lines, results, "  by a replay after a crash (records)", r -> count(r.reprocessed()));
        row(lines, results, "phantom (made up or never committed)", r -> count(r.phantom()));
        row(lines, results, "altered", r -> count(r.altered()));
        row(lines, results, "half-committed batches", r -> count(r.partialBatches()));
        row(lines, results, "out of order", r -> count(r.anomalies().outOfOrder()));
        row(lines, results, "other anomalies", r -> count(others(r.anomalies())));
        rule(lines, results);
        row(lines, results, "recovery, median / max", r -> spread(r.recoveryMs()));
        row(lines, results, "acknowledged a second", r -> "%,.0f".formatted(r.throughputPerS()));
        row(
                lines,
                results,
                "acknowledged after, p50 / p99",
                r -> "%,.0f / %,.0f ms"
                        .formatted(r.latencyMs().p50(), r.latencyMs().p99()));
        return String.join("\n", lines) + "\n";
    }

    private static void row(List<String> lines, List<Result> results, String label, Function<Result, String> cell) {
        StringBuilder line = new StringBuilder(("%-" + (LABEL_WIDTH + 6) + "s").formatted(label));
        results.forEach(result -> line.append(("%" + COLUMN_WIDTH + "s").formatted(cell.apply(result))));
        lines.add(line.toString().stripTrailing());
    }

    private static void rule(List<String> lines, List<Result> results) {
        lines.add("-".repeat(LABEL_WIDTH + 6 + COLUMN_WIDTH * results.size()));
    }

    /** Each fault with its recovery, the first dozen of them. */
    static String faults(Result result) {
        StringBuilder text = new StringBuilder();
        result.kills().stream()
                .limit(MOST_INJURIES)
                .forEach(one -> text.append("%7.1f s  %-8s %-9s %s%n"
                        .formatted(
                                one.atS(),
                                one.signal(),
                                one.part(),
                                one.recoveryMs() == null
                                        ? "did not recover"
                                        : "%,6d ms to the %s".formatted(one.recoveryMs(), one.measuredBy()))));
        if (result.kills().size() > MOST_INJURIES) {
            text.append("  and %d more%n".formatted(result.kills().size() - MOST_INJURIES));
        }
        return text.toString();
    }

    private static String verdict(Result result) {
        if (result.passed()) {
            return "PASSED  %s held: nothing lost, duplicated, altered, half-committed or made up (seed %d)%n"
                    .formatted(result.mode(), result.seed());
        }
        return "FAILED  seed %d%n  ".formatted(result.seed())
                + String.join(System.lineSeparator() + "  ", result.violations())
                + System.lineSeparator();
    }

    private static long others(Result.Anomalies a) {
        return a.missingRecords()
                + a.extraRecords()
                + a.unbalanced()
                + a.missingRows()
                + a.invalidAccepted()
                + a.refused()
                + a.stalled()
                + a.notRecovered();
    }

    private static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String spread(Result.Spread spread) {
        return spread.median() == null ? "-" : "%,d / %,d ms".formatted(spread.median(), spread.max());
    }
}
