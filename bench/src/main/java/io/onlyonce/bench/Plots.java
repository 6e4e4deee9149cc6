package io.onlyonce.bench;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The results as bars, in SVG. */
final class Plots {
    private static final Color OURS = new Color(0x2F6DB5);
    private static final Color TARGET = new Color(0xB8BDC4);
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;

    private final List<Result> results;

    Plots(List<Result> results) {
        this.results = results;
    }

    /** One bar, with half the way from the smallest to the largest round above and below. */
    private record Bar(String label, double value, double spread) {}

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        save(rates("stream.", "Stream: orders/s, median and spread"), directory.resolve("stream.svg"));
        save(rates("ingest.", "Ingest: orders/s, median and spread"), directory.resolve("ingest.svg"));
        save(ratios(), directory.resolve("ratios.svg"));
    }

    /** Ours, and each peer that the rows of one experiment name. */
    private CategoryChart rates(String prefix, String title) {
        List<Result> rows = results.stream()
                .filter(result -> result.name().startsWith(prefix + "eos_vs_"))
                .toList();
        List<Bar> bars = new ArrayList<>();
        bars.add(new Bar(
                "Onlyonce", rows.getFirst().value(), half(rows.getFirst().spread())));
        rows.forEach(row -> bars.add(new Bar(row.peer(), row.peerValue(), half(row.peerSpread()))));
        CategoryChart chart = chart(title);
        chart.getStyler().setLegendVisible(false).setSeriesColors(new Color[] {OURS});
        chart.addSeries(
                "orders/s",
                bars.stream().map(Bar::label).toList(),
                bars.stream().map(Bar::value).toList(),
                bars.stream().map(Bar::spread).toList());
        return chart;
    }

    private static double half(Result.Spread spread) {
        return (spread.max() - spread.min()) / 2;
    }

    /** How far above its target each ratio is: 1 is met, whatever the target is. */
    private CategoryChart ratios() {
        List<Result> rows = results.stream()
                .filter(result -> result.ratio() != null && result.target().startsWith(">= "))
                .toList();
        List<String> names = rows.stream().map(Result::name).toList();
        CategoryChart chart = chart("Ratios, each in parts of its target: 1 is met");
        chart.getStyler().setSeriesColors(new Color[] {OURS, TARGET}).setLegendPosition(LegendPosition.OutsideE);
        chart.addSeries(
                "measured",
                names,
                rows.stream()
                        .map(row ->
                                row.ratio() / Double.parseDouble(row.target().substring(3)))
                        .toList());
        chart.addSeries("target", names, rows.stream().map(row -> 1.0).toList());
        return chart;
    }

    private static CategoryChart chart(String title) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .build();
        chart.getStyler()
                .setXAxisLabelRotation(20)
                .setYAxisDecimalPattern("#,##0.##")
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setPlotBorderVisible(false)
                .setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setAvailableSpaceFill(0.6);
        return chart;
    }

    private static void save(CategoryChart chart, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
        }
    }
}
