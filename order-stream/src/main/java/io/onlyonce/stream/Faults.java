package io.onlyonce.stream;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * The faults that {@code POST /config} asks for. None by default; never persisted, as a crash that repeats itself at
 * every start would be no demonstration.
 */
final class Faults {
    /**
     * @param crashAfterMessages halt after so many messages, counted from when it was set; 0 for never
     * @param failureRate probability, 0 to 1, that processing a message fails
     */
    record Plan(long crashAfterMessages, double failureRate) {
        static final Plan NONE = new Plan(0, 0);

        Plan {
            if (crashAfterMessages < 0) {
                throw new IllegalArgumentException("crash_after_messages is negative");
            }
            if (!(failureRate >= 0 && failureRate <= 1)) {
                throw new IllegalArgumentException("failure_rate is not between 0 and 1");
            }
        }
    }

    private static final int COMMITS_PER_FAILURE = 4;

    /** Ends the process once the message's output has left it. */
    interface Crash {
        void afterMessage(long messages, Record<byte[], byte[]> record, RecordMetadata source);
    }

    private final Crash crash;
    private volatile Plan plan = Plan.NONE;
    private final AtomicLong untilCrash = new AtomicLong();

    Faults(Crash crash) {
        this.crash = crash;
    }

    Plan plan() {
        return plan;
    }

    /** Counting begins anew. */
    synchronized void set(Plan newPlan) {
        untilCrash.set(newPlan.crashAfterMessages());
        plan = newPlan;
    }

    /** Counting goes on. */
    synchronized void setFailureRate(double failureRate) {
        plan = new Plan(plan.crashAfterMessages(), failureRate);
    }

    void beforeProcessing(RecordMetadata source) {
        double failureRate = plan.failureRate();
        if (failureRate > 0 && ThreadLocalRandom.current().nextDouble() < failureRate) {
            throw new SimulatedFailure("failure_rate=%s hit partition=%d offset=%d"
                    .formatted(failureRate, source.partition(), source.offset()));
        }
    }

    /**
     * Whether to ask for a commit after this message. A failure takes back everything since the last commit; at full
     * speed that would be thousands of messages, and with one in a hundred failing none would ever be committed.
     */
    boolean wantsCommit() {
        double failureRate = plan.failureRate();
        return failureRate > 0 && ThreadLocalRandom.current().nextDouble() < COMMITS_PER_FAILURE * failureRate;
    }

    void afterProcessing(Record<byte[], byte[]> record, RecordMetadata source) {
        if (plan.crashAfterMessages() > 0 && untilCrash.decrementAndGet() == 0) {
            crash.afterMessage(plan.crashAfterMessages(), record, source);
        }
    }
}
