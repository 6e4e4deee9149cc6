package io.onlyonce.stream.faults;

import io.onlyonce.stream.metrics.OrderStats;
import io.onlyonce.stream.runtime.PersistedState;
import io.onlyonce.stream.runtime.ProcessEnd;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Halts the process on request, like {@code kill -9}. */
public final class SimulatedCrash implements Faults.Crash {
    private static final Logger log = LoggerFactory.getLogger(SimulatedCrash.class);

    private final Runnable flush;
    private final PersistedState state;
    private final OrderStats stats;

    public SimulatedCrash(Runnable flush, PersistedState state, OrderStats stats) {
        this.flush = flush;
        this.state = state;
        this.stats = stats;
    }

    /** Runs on the stream thread that processed the message, so the message is not committed. */
    @Override
    public void afterMessage(long messages, Record<byte[], ?> record, RecordMetadata source) {
        flush.run();
        state.countCrash();
        stats.crash(record, source, messages);
        ProcessEnd.CRASH.now();
    }

    public void now() {
        state.countCrash();
        log.warn("crash: halting because of POST /simulate/crash");
        ProcessEnd.CRASH.now();
    }
}
