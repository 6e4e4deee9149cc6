package io.onlyonce.stream.faults;

import io.onlyonce.stream.topology.OrderTopology;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.ProcessorWrapper;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.api.WrappedFixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.WrappedProcessorSupplier;
import org.springframework.util.Assert;

/**
 * The faults that {@code POST /config} sets. There are none by default, and they are not persisted, because a process that
 * crashes after each start could not show its recovery.
 */
public final class Faults {
    private static final String CONFIG_KEY = "onlyonce.faults";
    private static final int COMMITS_PER_FAILURE = 4;

    /**
     * @param crashAfterMessages the number of messages after which the process halts; 0 for never
     * @param failureRate the probability, 0 to 1, that the processing of a message fails
     */
    public record Plan(long crashAfterMessages, double failureRate) {
        static final Plan NONE = new Plan(0, 0);

        public Plan {
            Assert.isTrue(
                    crashAfterMessages >= 0, "crash_after_messages must be 0 or more, but was " + crashAfterMessages);
            Assert.isTrue(
                    failureRate >= 0 && failureRate <= 1,
                    "failure_rate must be between 0 and 1, but was " + failureRate);
        }
    }

    /** Halts the process after the output of the message has left it. */
    public interface Crash {
        void afterMessage(long messages, Record<byte[], ?> record, RecordMetadata source);
    }

    public static final class SimulatedFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SimulatedFailure(String message) {
            // Without a stack trace, which would always be the same.
            super(message, null, false, false);
        }
    }

    private final Crash crash;
    private volatile Plan plan = Plan.NONE;
    private final AtomicLong untilCrash = new AtomicLong();

    public Faults(Crash crash) {
        this.crash = crash;
    }

    public Plan plan() {
        return plan;
    }

    /** Sets both faults and restarts the count of messages until the crash. */
    public synchronized void set(Plan newPlan) {
        untilCrash.set(newPlan.crashAfterMessages());
        plan = newPlan;
    }

    /** Sets the failure rate and continues the count of messages until the crash. */
    public synchronized void setFailureRate(double failureRate) {
        plan = new Plan(plan.crashAfterMessages(), failureRate);
    }

    /** Returns the configuration with which Kafka Streams applies these faults to the topology. */
    public Map<String, Object> topologyConfig() {
        return Map.of(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, Wrapper.class, CONFIG_KEY, this);
    }

    private static boolean occurs(double probability) {
        return probability > 0 && ThreadLocalRandom.current().nextDouble() < probability;
    }

    /** Wraps the first processor of the topology. Public for Kafka Streams, which instantiates it. */
    public static final class Wrapper implements ProcessorWrapper {
        private Faults faults;

        @Override
        public void configure(Map<String, ?> configs) {
            faults = (Faults) configs.get(CONFIG_KEY);
        }

        @Override
        public <KIn, VIn, KOut, VOut> WrappedProcessorSupplier<KIn, VIn, KOut, VOut> wrapProcessorSupplier(
                String name, ProcessorSupplier<KIn, VIn, KOut, VOut> supplier) {
            return ProcessorWrapper.asWrapped(
                    name.equals(OrderTopology.DECODE) ? () -> faults.new FaultyProcessor<>(supplier.get()) : supplier);
        }

        @Override
        public <KIn, VIn, VOut> WrappedFixedKeyProcessorSupplier<KIn, VIn, VOut> wrapFixedKeyProcessorSupplier(
                String name, FixedKeyProcessorSupplier<KIn, VIn, VOut> supplier) {
            return ProcessorWrapper.asWrappedFixedKey(supplier);
        }
    }

    private final class FaultyProcessor<KIn, VIn, KOut, VOut> extends ContextualProcessor<KIn, VIn, KOut, VOut> {
        private final Processor<KIn, VIn, KOut, VOut> processor;

        FaultyProcessor(Processor<KIn, VIn, KOut, VOut> processor) {
            this.processor = processor;
        }

        @Override
        public void init(ProcessorContext<KOut, VOut> context) {
            super.init(context);
            processor.init(context);
        }

        @Override
        public void process(Record<KIn, VIn> record) {
            RecordMetadata source = context().recordMetadata().orElseThrow();
            double failureRate = plan.failureRate();
            if (occurs(failureRate)) {
                throw new SimulatedFailure("failure_rate=%s partition=%d offset=%d"
                        .formatted(failureRate, source.partition(), source.offset()));
            }
            // Returns after the record has passed the topology and the producer has received its output.
            processor.process(record);
            if (plan.crashAfterMessages() > 0 && untilCrash.decrementAndGet() == 0) {
                crash.afterMessage(plan.crashAfterMessages(), record.withKey((byte[]) record.key()), source);
            }
            // A failure aborts everything since the last commit. With thousands of messages per commit and a failure
            // rate of 1 %, no transaction would ever be committed.
            if (occurs(COMMITS_PER_FAILURE * failureRate)) {
                context().commit();
            }
        }

        @Override
        public void close() {
            processor.close();
        }
    }
}
