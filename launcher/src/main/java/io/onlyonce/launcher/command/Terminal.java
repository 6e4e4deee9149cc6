package io.onlyonce.launcher.command;

import io.onlyonce.verifier.Progress;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows progress: as a bar on a terminal, otherwise as a line every few seconds. Writes to standard error, so that standard
 * output contains only results.
 */
final class Terminal implements Progress, AutoCloseable {
    private static final long LINE_INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

    private final boolean isTerminal =
            System.console() != null && System.console().isTerminal();
    private ProgressBar bar;
    private String phase = "";
    private long lastLine;

    synchronized void ready(String component, Duration duration) {
        note("  %-10s ready after %.1f s".formatted(component, duration.toMillis() / 1000.0));
    }

    @Override
    public synchronized void phase(String name) {
        close();
        phase = name;
        lastLine = System.nanoTime();
        System.err.println(name);
    }

    @Override
    public synchronized void step(long done, long total, String detail) {
        if (isTerminal) {
            if (bar == null) {
                bar = new ProgressBarBuilder()
                        .setTaskName("  " + phase)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setInitialMax(total)
                        .setUpdateIntervalMillis(250)
                        .build();
            }
            bar.maxHint(total == 0 ? -1 : total);
            bar.stepTo(done);
            bar.setExtraMessage(" " + detail);
        } else if (System.nanoTime() - lastLine > LINE_INTERVAL_NANOS) {
            lastLine = System.nanoTime();
            System.err.println("  " + phase + ": " + done + (total == 0 ? "" : " of " + total) + "  " + detail);
        }
    }

    @Override
    public synchronized void note(String line) {
        close();
        System.err.println(line);
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
