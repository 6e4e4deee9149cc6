package io.onlyonce.query.live;

import io.onlyonce.query.tables.Totals;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of the system at one time. If a source is unavailable, the sample contains its last figures, and {@code sources}
 * shows their age.
 *
 * @param id increases by 1 with each sample
 * @param tables null before the first successful read, like `flow`
 * @param latency of those of the newest 200 orders that were stored in the last 10 seconds; null if there are none
 * @param point the values of the plots at this time
 */
record Sample(
        long id,
        Instant at,
        List<ComponentStatus> components,
        List<Source> sources,
        Totals.@Nullable Stats tables,
        @Nullable Flow flow,
        @Nullable Settings settings,
        @Nullable Latency latency,
        Point point) {
    /**
     * @param readAt the time of the last successful read; null if there was none
     * @param problem the reason why the last read failed; null if it succeeded
     */
    record Source(
            String name, @Nullable Instant readAt, @Nullable String problem) {}

    /** The settings of the ingest API and of the stream. A field is null if its service was never reached. */
    record Settings(
            @Nullable String deliveryMode,
            @Nullable String processingMode,
            @Nullable Boolean enableIdempotency,
            @Nullable Long crashAfterMessages,
            @Nullable Double failureRate) {}

    /** Percentiles of the milliseconds from the {@code created_at} of an order to its row, and the number of these orders. */
    record Latency(double p50Ms, double p99Ms, long orders) {}

    /**
     * The values of the plots. A value is null if its source was unavailable.
     *
     * @param in acknowledged records per second, including duplicates
     * @param through records per second that the stream has processed
     * @param out rows per second
     * @param waiting records in the topics that are not stored yet
     */
    record Point(
            Instant at,
            @Nullable Double in,
            @Nullable Double through,
            @Nullable Double out,
            @Nullable Long waiting,
            @Nullable Double p50Ms,
            @Nullable Double p99Ms) {}

    /** @param kind failed, affected, ok, mode or reset */
    record Event(long id, Instant at, String kind, String text) {}
}
