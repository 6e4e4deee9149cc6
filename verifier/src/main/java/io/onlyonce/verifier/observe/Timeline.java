package io.onlyonce.verifier.observe;

import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.load.LoadStatistics;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Samples the counters of a run for the charts of the report and for the progress display. */
public final class Timeline implements AutoCloseable {
    public static final long INTERVAL_MILLIS = 250;

    /**
     * Totals at one time.
     *
     * @param s seconds since the start of the load
     * @param acknowledged acknowledged order records
     * @param processed committed records in orders.processed
     * @param rows visible rows in processed_messages
     * @param lag committed records in orders that have no output yet
     */
    public record Sample(double s, long acknowledged, long processed, long rows, long lag) {}

    private final LoadStatistics statistics;
    private final OutputWatcher output;
    private final RowWatcher rows;
    private final Progress progress;
    private final long orders;
    private final long started = System.nanoTime();
    private final List<Sample> samples = new CopyOnWriteArrayList<>();
    private final PeriodicTask sampling;

    public Timeline(LoadStatistics statistics, OutputWatcher output, RowWatcher rows, Progress progress, long orders) {
        this.statistics = statistics;
        this.output = output;
        this.rows = rows;
        this.progress = progress;
        this.orders = orders;
        this.sampling = new PeriodicTask(this::sample, INTERVAL_MILLIS);
    }

    private void sample() {
        Sample sample = new Sample(
                Math.round((System.nanoTime() - started) / 1e6) / 1e3,
                statistics.acknowledgedRecords.sum(),
                output.count(Topic.PROCESSED),
                rows.rows(),
                output.lag());
        samples.add(sample);
        progress.step(
                statistics.acknowledged.sum(),
                orders,
                "processed %,d  rows %,d  lag %,d".formatted(sample.processed, sample.rows, sample.lag));
    }

    /** @throws IllegalStateException if the topics, the rows or the counters are no longer watched */
    public void requireWatching() {
        output.requireWatching();
        rows.requireWatching();
        sampling.requireRunning();
    }

    public List<Sample> samples() {
        return List.copyOf(samples);
    }

    @Override
    public void close() {
        sampling.close();
    }
}
