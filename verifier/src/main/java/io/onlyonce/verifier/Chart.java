package io.onlyonce.verifier;

import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Draws a run's curves over time as SVG, with its faults across them. */
final class Chart {
    private static final int WIDTH = 960;
    private static final int HEIGHT = 240;
    private static final int LEFT = 56;
    private static final int RIGHT = 18;
    private static final int TOP = 34;
    private static final int BOTTOM = 22;
    /** Rates are taken over a second, so that a commit every 100 ms draws no comb. */
    private static final int WINDOW = (int) (1_000 / Timeline.PAUSE_MILLIS);

    private final List<Timeline.Sample> samples;
    private final List<Injury> faults;
    private final double seconds;

    Chart(List<Timeline.Sample> samples, List<Injury> faults) {
        this.samples = samples;
        this.faults = faults;
        this.seconds = samples.isEmpty() ? 1 : Math.max(1, samples.getLast().s());
    }

    /** Acknowledged, processed and visible rows, each a second. */
    String rates() {
        double[] acknowledged = rate(Timeline.Sample::acknowledged);
        double[] processed = rate(Timeline.Sample::processed);
        double[] rows = rate(Timeline.Sample::rows);
        double most = Math.max(max(acknowledged), Math.max(max(processed), max(rows)));
        double top = roundUp(most);
        return svg(
                "Records a second over time",
                top,
                curve(acknowledged, top, "in") + curve(rows, top, "rows") + curve(processed, top, "out"));
    }

    /** Records committed to orders that have not come out. */
    String lag() {
        double[] lag = samples.stream().mapToDouble(Timeline.Sample::lag).toArray();
        double top = roundUp(max(lag));
        return svg("Lag over time", top, curve(lag, top, "lag"));
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
                "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s</title>".formatted(WIDTH, HEIGHT, title));
        for (int i = 0; i <= 4; i++) {
            double y = y(top * i / 4, top);
            svg.append(format(
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, y, y));
            svg.append(
                    format("<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,.0f</text>", LEFT - 6, y + 4, top * i / 4));
        }
        double step = roundUp(seconds / 8);
        for (double s = 0; s <= seconds; s += step) {
            svg.append(format("<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f s</text>", x(s), HEIGHT - 6, s));
        }
        int row = 0;
        for (Injury one : faults) {
            svg.append(fault(one, row++ % 2));
        }
        return svg.append(curves).append("</svg>").toString();
    }

    /** Names stand in two rows, so that those of neighbours do not run into each other. */
    private String fault(Injury one, int row) {
        double x = x(one.atS());
        boolean atTheEdge = x > WIDTH - 90;
        String name = (one.signal().equals(Injury.SIGSTOP) ? "freeze " : "kill ") + one.part();
        String healing = one.outageMs() == null
                ? ""
                : format(
                        "<rect class=\"healing\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
                        x, TOP, x(one.atS() + one.outageMs() / 1e3) - x, HEIGHT - TOP - BOTTOM);
        return healing
                + format(
                        "<line class=\"kill\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>",
                        x, x, TOP - 18 + 12 * row, HEIGHT - BOTTOM)
                + format(
                        "<text class=\"kill\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>",
                        atTheEdge ? x - 3 : x + 3, TOP - 10 + 12 * row - 6, atTheEdge ? "end" : "start", name);
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

    private double x(double s) {
        return LEFT + (WIDTH - LEFT - RIGHT) * Math.min(s, seconds) / seconds;
    }

    private static double y(double value, double top) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    }

    private static double max(double[] values) {
        double max = 0;
        for (double value : values) {
            max = Math.max(max, value);
        }
        return max;
    }

    /** The next number of the form 1, 2, 4 or 5 times a power of ten: its quarters are easy to read. */
    static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1))));
        for (double factor : new double[] {1, 2, 4, 5}) {
            if (factor * power >= value) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
