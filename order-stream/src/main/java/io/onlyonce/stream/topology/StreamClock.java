package io.onlyonce.stream.topology;

import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * The clock of the dedup store: the task's stream time, limited by the system time. An order_id expires only if both
 * clocks have passed its expiry.
 *
 * <p>With stream time alone, one record from a producer whose clock runs ahead would expire the whole store. With system
 * time alone, entries would expire while a backlog is still unread.
 */
final class StreamClock {
    private final ProcessingContext context;

    StreamClock(ProcessingContext context) {
        this.context = context;
    }

    /** Returns milliseconds since 1970, or a negative number if the task has not read a record yet. */
    long now() {
        return Math.min(context.currentStreamTimeMs(), context.currentSystemTimeMs());
    }
}
