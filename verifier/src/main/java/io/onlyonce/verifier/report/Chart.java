package io.onlyonce.verifier.report;

import io.onlyonce.verifier.faults.Fault;
import io.onlyonce.verifier.faults.PlannedFault.Signal;
import io.onlyonce.verifier.observe.Timeline;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Draws the timeline of a run and its faults as SVG. */
final class Chart {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 240;
    private static final int LEFT = 56;
    private static final int RIGHT = 18;
    private static final int TOP = 34;
    private static final int BOTTOM = 22;
    /** Samples per second. Rates are averaged over one second, because the stream commits every 100 ms. */
    private static final int WINDOW = (int) (1_000 / Timeline.INTERVAL_MILLIS);

    private final List<Timeline.Sample> samples;
    private final List<Fault> faults;
    private final double seconds;

    Chart(List<Timeline.Sample> samples, List<Fault> faults) {
        this.samples = samples;
        this.faults = faults;
        this.seconds = samples.isEmpty() ? 1 : Math.max(1, samples.getLast().s());
    }

    /** Draws acknowledged records, processed records and visible rows per second. */
    String rates() {
        double[] acknowledged = rate(Timeline.Sample::acknowledged);
        double[] processed = rate(Timeline.Sample::processed);
        double[] rows = rate(Timeline.Sample::rows);
        double top = roundUp(Stream.of(acknowledged, processed, rows).flatMapToDouble(Arrays::stream));
        return svg(
                "Records per second",
                top,
                curve(acknowledged, top, "in") + curve(rows, top, "rows") + curve(processed, top, "out"));
    }

    /** Draws the records in orders that have no output yet. */
    String lag() {
        double[] lag = samples.stream().mapToDouble(Timeline.Sample::lag).toArray();
        double top = roundUp(Arrays.stream(lag));
        return svg("Lag", top, curve(lag, top, "lag"));
    }

    private double[] rate(ToLongFunction<Timeline.Sample> total) {
        double[] rate = new double[samples.size()];
        for (int i = 1; i < rate.length; i++) {
            Timeline.Sample from = samples.get(Math.max(0, i - WINDOW));
            Timeline.Sample to = samples.get(i);
            rate[i] = (total.applyAsLong(to) - total.applyAsLong(from)) / Math.max(1e-3, to.s() - from.s());
        }
        return rate;
    }

    private String svg(String title, double top, String curves) {
        StringBuilder svg = new StringBuilder(
                format("<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s</title>", WIDTH, HEIGHT, title));
        for (int i = 0; i <= 4; i++) {
            double value = top * i / 4;
            double y = y(value, top);
            svg.append(line("grid", LEFT, y, WIDTH - RIGHT, y))
                    .append(text("axis", LEFT - 6, y + 4, "end", format("%,.0f", value)));
        }
        double step = roundUp(DoubleStream.of(seconds / 8));
        for (double s = 0; s <= seconds; s += step) {
            svg.append(text("axis", x(s), HEIGHT - 6, "middle", format("%.0f s", s)));
        }
        for (int i = 0; i < faults.size(); i++) {
            svg.append(fault(faults.get(i), i % 2));
        }
        return svg.append(curves).append("</svg>").toString();
    }

    /** Labels alternate between two rows, so that neighboring labels do not overlap. */
    private String fault(Fault fault, int row) {
        double x = x(fault.atS());
        double top = TOP - 18 + 12.0 * row;
        boolean isAtEdge = x > WIDTH - 90;
        String label = (fault.signal() == Signal.SIGSTOP ? "freeze " : "kill ") + fault.part();
        String outage = fault.outageMs() == null
                ? ""
                : format(
                        "<rect class=\"outage\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                        x, TOP, x(fault.atS() + fault.outageMs() / 1e3) - x, HEIGHT - TOP - BOTTOM);
        return outage
                + line("kill", x, top, x, HEIGHT - BOTTOM)
                + text("kill", isAtEdge ? x - 3 : x + 3, top + 2, isAtEdge ? "end" : "start", label);
    }

    private String curve(double[] values, double top, String color) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            points.append(format("%.1f,%.1f ", x(samples.get(i).s()), y(values[i], top)));
        }
        return format(
                "<polyline class=\"curve\" style=\"stroke: var(--%s)\" points=\"%s\"/>",
                color, points.toString().strip());
    }

    private static String line(String style, double x1, double y1, double x2, double y2) {
        return format(
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", style, x1, y1, x2, y2);
    }

    private static String text(String style, double x, double y, String anchor, String text) {
        return format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", style, x, y, anchor, text);
    }

    private double x(double s) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.min(s, seconds) / seconds;
    }

    private static double y(double value, double top) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    }

    /** Rounds the maximum up to 1, 2, 4 or 5 times a power of ten, so that its quarters are easy to read. */
    private static double roundUp(DoubleStream values) {
        double max = values.max().orElse(0);
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(max, 1))));
        return DoubleStream.of(1, 2, 4, 5)
                .map(factor -> factor * power)
                .filter(rounded -> rounded >= max)
                .findFirst()
                .orElse(10 * power);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
