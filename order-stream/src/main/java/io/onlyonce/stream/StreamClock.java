package io.onlyonce.stream;

import org.apache.kafka.streams.processor.api.ProcessingContext;

/**
 * The clock that the dedup memory goes by: the task's stream time, but never ahead of this machine's clock.
 *
 * <p>Stream time alone would let one record from a producer whose clock runs ahead expire the whole memory at once. The
 * machine's clock alone would expire it while a backlog waits to be read. An order_id is forgotten only when both say so.
 */
final class StreamClock {
    private final ProcessingContext context;

    StreamClock(ProcessingContext context) {
        this.context = context;
    }

    /** Milliseconds since 1970; negative as long as the task has read nothing. */
    long now() {
        return Math.min(context.currentStreamTimeMs(), context.currentSystemTimeMs());
    }
}
