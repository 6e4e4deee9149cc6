package io.onlyonce.stream;

import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A crash that somebody asked for: the process halts, as after kill -9. */
final class SimulatedCrash implements Faults.Crash {
    private static final Logger log = LoggerFactory.getLogger(SimulatedCrash.class);

    private final Seats seats;
    private final PersistedState state;
    private final OrderLog orderLog;

    SimulatedCrash(Seats seats, PersistedState state, OrderLog orderLog) {
        this.seats = seats;
        this.state = state;
        this.orderLog = orderLog;
    }

    /** On the stream thread that has processed the message: its output leaves the process, its commit does not. */
    @Override
    public void afterMessage(long messages, Record<byte[], byte[]> record, RecordMetadata source) {
        seats.flushCurrentThread();
        state.countCrash();
        orderLog.crash(record, source, messages);
        ProcessEnd.CRASH.now();
    }

    void now() {
        state.countCrash();
        log.warn("crash: halting, as POST /simulate/crash asked for");
        ProcessEnd.CRASH.now();
    }
}
