package io.onlyonce.query;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;

/**
 * Publishes the time since the last successful read of a source as {@code source_age_seconds}. Counters keep their values
 * while their source is unavailable; this gauge shows that they are old. Thread-safe.
 */
public final class SourceAge {
    private volatile long readAt = System.nanoTime();

    private SourceAge() {}

    /** Starts with the age 0. */
    public static SourceAge register(String source, MeterRegistry registry) {
        SourceAge age = new SourceAge();
        TimeGauge.builder("source_age", age::nanos, TimeUnit.NANOSECONDS)
                .description("Time since the last successful read of the source")
                .tag("source", source)
                .register(registry);
        return age;
    }

    public void update() {
        readAt = System.nanoTime();
    }

    private long nanos() {
        return System.nanoTime() - readAt;
    }
}
