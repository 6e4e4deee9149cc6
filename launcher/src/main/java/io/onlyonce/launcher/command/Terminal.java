package io.onlyonce.launcher.command;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.Progress;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows progress: as a bar with the elapsed and the remaining time on a terminal, otherwise as a line every few seconds.
 * Writes to standard error, so that standard output contains only results.
 */
final class Terminal implements Progress, AutoCloseable {
    private static final long LINE_INTERVAL_NANOS = Duration.ofSeconds(5).toNanos();

    private final boolean isTerminal =
            System.console() != null && System.console().isTerminal();
    private ProgressBar bar;
    private String phase = "";
    private long phaseStart;
    private long lastLine;

    private final Set<String> notReady = new TreeSet<>();
    private int components;

    /** The components that {@link #ready} will report. */
    synchronized void starting(Collection<ComponentName> names) {
        names.forEach(name -> notReady.add(name.wireName()));
        components = notReady.size();
    }

    synchronized void ready(String component, Duration duration) {
        note("  %-10s ready after %.1f s".formatted(component, duration.toMillis() / 1000.0));
        if (notReady.remove(component) && !notReady.isEmpty()) {
            step(components - notReady.size(), components, "waiting for " + String.join(", ", notReady));
        }
    }

    @Override
    public synchronized void phase(String name) {
        close();
        phase = name;
        phaseStart = System.nanoTime();
        lastLine = phaseStart;
        System.err.println(name);
        if (isTerminal) {
            bar = newBar();
        }
    }

    @Override
    public synchronized void step(long done, long total, String detail) {
        if (isTerminal) {
            if (bar == null) {
                bar = newBar();
            }
            bar.maxHint(total == 0 ? -1 : total);
            bar.stepTo(done);
            bar.setExtraMessage(" " + detail);
        } else if (System.nanoTime() - lastLine > LINE_INTERVAL_NANOS) {
            lastLine = System.nanoTime();
            System.err.println("  " + phase + ": " + done + (total == 0 ? "" : " of " + total) + "  " + detail);
        }
    }

    /** The bar draws itself four times per second, also if nothing advances. */
    private ProgressBar newBar() {
        return new ProgressBarBuilder()
                .setTaskName("  " + phase)
                .setStyle(ProgressBarStyle.ASCII)
                .setInitialMax(-1)
                .startsFrom(0, Duration.ofNanos(System.nanoTime() - phaseStart))
                .setUpdateIntervalMillis(250)
                .clearDisplayOnFinish()
                .build();
    }

    @Override
    public synchronized void note(String line) {
        boolean isRunning = bar != null;
        close();
        System.err.println(line);
        if (isRunning) {
            bar = newBar();
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
