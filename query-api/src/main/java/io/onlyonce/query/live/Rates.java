package io.onlyonce.query.live;

import io.onlyonce.query.live.Probe.Reading;
import io.onlyonce.query.live.Sample.Latency;
import io.onlyonce.query.live.Sample.Point;
import io.onlyonce.query.tables.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Calculates records per second from the totals of successive samples. Not thread-safe. */
final class Rates {
    /** If a reading is older than this, the point has no values. */
    private static final Duration MAX_AGE = Duration.ofSeconds(3);

    private @Nullable Counts before;
    private @Nullable Point last;

    /** The total number of records that have passed each step of the pipeline. */
    private record Counts(Instant at, long in, long through, long out) {
        static Counts of(Reading<Totals.Stats> tables, Flow flow) {
            Totals.Stats stats = tables.value();
            long out = stats.totalProcessedMessages() + stats.duplicatesRejected();
            long through = out + flow.processed().records() + flow.duplicates().records();
            return new Counts(tables.at(), through + flow.orders().records(), through, out);
        }
    }

    Point next(
            Instant now,
            Optional<Reading<Totals.Stats>> tables,
            Optional<Reading<Flow>> flow,
            @Nullable Latency latency) {
        if (!isRecent(tables, now) || !isRecent(flow, now)) {
            before = null;
            last = new Point(now, null, null, null, null, null, null);
            return last;
        }
        Counts counts = Counts.of(tables.get(), flow.get().value());
        Double p50 = latency == null ? null : latency.p50Ms();
        Double p99 = latency == null ? null : latency.p99Ms();
        long waiting = counts.in() - counts.out();
        if (before == null) {
            last = new Point(now, null, null, null, waiting, p50, p99);
        } else if (counts.at().isAfter(before.at())) {
            double seconds = Duration.between(before.at(), counts.at()).toNanos() / 1e9;
            last = new Point(
                    now,
                    rate(before.in(), counts.in(), seconds),
                    rate(before.through(), counts.through(), seconds),
                    rate(before.out(), counts.out(), seconds),
                    waiting,
                    p50,
                    p99);
        } else {
            // The tables were not read since the last sample.
            last = new Point(now, last.in(), last.through(), last.out(), waiting, p50, p99);
        }
        before = counts;
        return last;
    }

    private static boolean isRecent(Optional<? extends Reading<?>> reading, Instant now) {
        return reading.isPresent() && Duration.between(reading.get().at(), now).compareTo(MAX_AGE) < 0;
    }

    /**
     * Returns the records per second, at least 0. The difference of the counts can be negative after a reset, and because the
     * sources are not read at the same time.
     */
    private static double rate(long from, long to, double seconds) {
        return Math.max(0, to - from) / seconds;
    }
}
