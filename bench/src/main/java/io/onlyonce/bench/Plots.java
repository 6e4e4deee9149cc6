package io.onlyonce.bench;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Draws the results as bar charts in SVG files. */
final class Plots {
    /** The colors of the console: accent, line, text and card. */
    private static final Color ONLYONCE = new Color(0x1F5FBF);

    private static final Color TARGET = new Color(0xD5D9E0);
    private static final Color TEXT = new Color(0x1A1F27);
    private static final Color BACKGROUND = Color.WHITE;

    private Plots() {}

    static void write(List<Result> results, Path directory) throws IOException {
        Files.createDirectories(directory);
        save(rates(results, "stream.", "Stream: orders/s, median and spread"), directory.resolve("stream.svg"));
        save(rates(results, "ingest.", "Ingest: orders/s, median and spread"), directory.resolve("ingest.svg"));
        save(ratios(results), directory.resolve("ratios.svg"));
    }

    /** One bar for Onlyonce, and one for the baseline of each row of the experiment. */
    private static CategoryChart rates(List<Result> results, String prefix, String title) {
        List<Result> rows = results.stream()
                .filter(result -> result.name().startsWith(prefix + "eos_vs_"))
                .toList();
        Result first = rows.getFirst();
        List<String> labels = new ArrayList<>(List.of("Onlyonce"));
        List<Double> values = new ArrayList<>(List.of(first.value()));
        List<Double> errors = new ArrayList<>(List.of(error(first.spread())));
        for (Result row : rows) {
            labels.add(row.baseline());
            values.add(row.baselineValue());
            errors.add(error(row.baselineSpread()));
        }
        CategoryChart chart = chart(title);
        chart.getStyler().setLegendVisible(false).setSeriesColors(new Color[] {ONLYONCE});
        chart.addSeries("orders/s", labels, values, errors);
        return chart;
    }

    /** Returns half of the distance between the smallest and the largest round. */
    private static double error(Result.Spread spread) {
        return (spread.max() - spread.min()) / 2;
    }

    /** Each ratio divided by its target: a value of at least 1 meets the target. */
    private static CategoryChart ratios(List<Result> results) {
        List<Result> rows = results.stream()
                .filter(result -> result.ratio() != null && result.target().startsWith(">= "))
                .toList();
        List<String> names = rows.stream().map(Result::name).toList();
        CategoryChart chart = chart("Ratio ÷ target: 1 or more meets the target");
        chart.getStyler().setSeriesColors(new Color[] {ONLYONCE, TARGET}).setLegendPosition(LegendPosition.OutsideE);
        chart.addSeries(
                "measured", names, rows.stream().map(Plots::shareOfTarget).toList());
        chart.addSeries("target", names, Collections.nCopies(rows.size(), 1.0));
        return chart;
    }

    private static double shareOfTarget(Result row) {
        return row.ratio() / Double.parseDouble(row.target().substring(3));
    }

    private static CategoryChart chart(String title) {
        CategoryChart chart =
                new CategoryChartBuilder().width(900).height(420).title(title).build();
        chart.getStyler()
                .setXAxisLabelRotation(20)
                .setYAxisDecimalPattern("#,##0.##")
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setAxisTickLabelsColor(TEXT)
                .setPlotGridLinesColor(TARGET)
                .setPlotBorderVisible(false)
                .setChartFontColor(TEXT)
                .setChartBackgroundColor(BACKGROUND);
        chart.getStyler().setAvailableSpaceFill(0.6);
        return chart;
    }

    private static void save(CategoryChart chart, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsFormat.SVG);
        }
    }
}
