package io.onlyonce.verifier.report;

import io.onlyonce.verifier.faults.Fault;
import io.onlyonce.verifier.faults.PlannedFault.Signal;
import io.onlyonce.verifier.observe.Timeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The coordinates of a chart over time, in an SVG of 960 x 240. The template draws it. */
record Chart(String title, List<Tick> values, List<Tick> times, List<Mark> marks, List<Curve> curves) {
    private static final int LEFT = 56;
    private static final int WIDTH = 886;
    private static final int TOP = 34;
    private static final int HEIGHT = 184;
    /** A label to the right of this position would not fit. */
    private static final int EDGE = 870;
    /** Samples per second. Rates are averaged over one second, because the stream commits every 100 ms. */
    private static final int WINDOW = (int) (1_000 / Timeline.INTERVAL_MILLIS);

    record Tick(double at, String label) {}

    /** A fault. Its outage is shaded. Labels alternate between two rows, so that they do not overlap. */
    record Mark(double x, double outageWidth, int row, boolean atEdge, String label) {}

    /** @param color name of the CSS variable */
    record Curve(String label, String color, String points) {}

    private record Series(String label, String color, double[] values) {}

    static List<Chart> of(List<Timeline.Sample> samples, List<Fault> faults) {
        Series acknowledged = new Series("acknowledged", "in", rate(samples, Timeline.Sample::acknowledged));
        Series rows = new Series("rows visible", "rows", rate(samples, Timeline.Sample::rows));
        Series processed = new Series("processed and committed", "out", rate(samples, Timeline.Sample::processed));
        double[] lags = samples.stream().mapToDouble(Timeline.Sample::lag).toArray();
        Series lag = new Series("committed to orders, but no output yet", "lag", lags);
        return List.of(
                of("Records per second", samples, faults, acknowledged, rows, processed),
                of("Lag", samples, faults, lag));
    }

    private static Chart of(String title, List<Timeline.Sample> samples, List<Fault> faults, Series... series) {
        double seconds = samples.isEmpty() ? 1 : Math.max(1, samples.getLast().s());
        DoubleStream all = Arrays.stream(series).flatMapToDouble(one -> Arrays.stream(one.values));
        double top = roundUp(all.max().orElse(0));
        double step = roundUp(seconds / 8);
        List<Mark> marks = new ArrayList<>();
        for (Fault fault : faults) {
            double x = x(fault.atS(), seconds);
            double end = fault.outageMs() == null ? x : x(fault.atS() + fault.outageMs() / 1e3, seconds);
            String label = (fault.signal() == Signal.SIGSTOP ? "freeze " : "kill ") + fault.part();
            marks.add(new Mark(x, round(end - x), 18 + 12 * (marks.size() % 2), x > EDGE, label));
        }
        return new Chart(
                title,
                IntStream.rangeClosed(0, 4)
                        .mapToDouble(i -> top * i / 4)
                        .mapToObj(value -> new Tick(y(value, top), String.format(Locale.ROOT, "%,.0f", value)))
                        .toList(),
                DoubleStream.iterate(0, s -> s <= seconds, s -> s + step)
                        .mapToObj(s -> new Tick(x(s, seconds), String.format(Locale.ROOT, "%.0f s", s)))
                        .toList(),
                marks,
                Arrays.stream(series)
                        .map(one -> new Curve(one.label, one.color, points(samples, one.values, seconds, top)))
                        .toList());
    }

    private static double[] rate(List<Timeline.Sample> samples, ToLongFunction<Timeline.Sample> total) {
        double[] rate = new double[samples.size()];
        for (int i = 1; i < rate.length; i++) {
            Timeline.Sample from = samples.get(Math.max(0, i - WINDOW));
            Timeline.Sample to = samples.get(i);
            rate[i] = (total.applyAsLong(to) - total.applyAsLong(from)) / Math.max(1e-3, to.s() - from.s());
        }
        return rate;
    }

    private static String points(List<Timeline.Sample> samples, double[] values, double seconds, double top) {
        return IntStream.range(0, values.length)
                .mapToObj(i -> x(samples.get(i).s(), seconds) + "," + y(values[i], top))
                .collect(Collectors.joining(" "));
    }

    private static double x(double s, double seconds) {
        return round(LEFT + WIDTH * Math.min(s, seconds) / seconds);
    }

    private static double y(double value, double top) {
        return round(TOP + HEIGHT * (1 - value / top));
    }

    private static double round(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** Rounds up to 1, 2, 4 or 5 times a power of ten, so that the quarters are easy to read. */
    private static double roundUp(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1))));
        return DoubleStream.of(1, 2, 4, 5, 10)
                .map(factor -> factor * power)
                .filter(rounded -> rounded >= value)
                .findFirst()
                .orElseThrow();
    }
}
