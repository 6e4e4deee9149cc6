package io.onlyonce.verifier;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Looks at the counters four times a second, for the report's curves and the progress on the screen. */
final class Timeline implements AutoCloseable {
    static final long PAUSE_MILLIS = 250;

    /**
     * Totals at a moment.
     *
     * @param s seconds since the load began
     * @param acknowledged order records that were acknowledged
     * @param orders records readable in orders
     * @param processed records readable in orders.processed
     * @param duplicates records readable in orders.duplicates
     * @param rows rows visible in processed_messages
     * @param lag records readable in orders that have not come out yet
     */
    record Sample(double s, long acknowledged, long orders, long processed, long duplicates, long rows, long lag) {}

    private final Meter meter;
    private final OutputWatcher output;
    private final RowWatcher rows;
    private final Progress progress;
    private final long total;
    private final long began = System.nanoTime();
    private final List<Sample> samples = new ArrayList<>();
    private final Thread thread;

    Timeline(Meter meter, OutputWatcher output, RowWatcher rows, Progress progress, long total) {
        this.meter = meter;
        this.output = output;
        this.rows = rows;
        this.progress = progress;
        this.total = total;
        thread = Thread.ofPlatform().name("timeline").start(this::look);
    }

    private void look() {
        try {
            while (true) {
                Sample sample = new Sample(
                        Math.round((System.nanoTime() - began) / 1e6) / 1e3,
                        meter.acknowledgedRecords.sum(),
                        output.count(Topic.ORDERS),
                        output.count(Topic.PROCESSED),
                        output.count(Topic.DUPLICATES),
                        rows.rows(),
                        output.lag());
                samples.add(sample);
                progress.step(
                        meter.acknowledged.sum(),
                        total,
                        "processed %,d  rows %,d  lag %,d".formatted(sample.processed, sample.rows, sample.lag));
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // close() ends the watch.
        }
    }

    /** To be asked for after {@link #close}. */
    List<Sample> samples() {
        return List.copyOf(samples);
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
