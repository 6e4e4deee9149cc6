package io.onlyonce.ingest.delivery;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;

/**
 * One transactional producer and its thread: takes whoever waits, writes them in one transaction, commits, tells them.
 * While it commits, and for as long as it must leave between two transactions, others gather for its next one, or for
 * another lane.
 *
 * <p>Whatever goes wrong has one remedy: close the producer and open another with the same transactional id, which makes
 * the broker settle what was left open.
 */
final class Lane implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 2_000;

    /** The exit code, the same as the stream's. */
    private static final int BEYOND_REPAIR = 4;

    private final int number;
    private final Duration interval;
    private final ProducerSettings settings;
    private final WaitingRoom room;
    private final DeliveryMetrics metrics;
    private final Fencings fencings = new Fencings();
    private final Thread thread;

    private volatile Optional<String> problem = Optional.of("is being opened");
    private int failures;

    /** @param interval from the begin of a transaction to that of the next, at the least */
    Lane(int number, Duration interval, ProducerSettings settings, WaitingRoom room, DeliveryMetrics metrics) {
        this.number = number;
        this.interval = interval;
        this.settings = settings;
        this.room = room;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().name("lane-" + number).unstarted(this);
    }

    void start() {
        thread.start();
    }

    boolean isOpen() {
        return problem.isEmpty();
    }

    /** @return why it is not open, or is not left alone */
    Optional<String> problem() {
        return fencings.contested()
                ? Optional.of(settings.transactionalId(number) + " is also used by another live process, which fences"
                        + " this one again and again: every instance needs an INSTANCE_ID of its own")
                : problem.map(reason -> settings.transactionalId(number) + " " + reason);
    }

    boolean isContested() {
        return fencings.contested();
    }

    @Override
    public void run() {
        try {
            boolean wanted = true;
            while (wanted) {
                Thread.sleep(pause());
                Optional<Producer<byte[], byte[]>> producer = open();
                wanted = producer.isEmpty() || serve(producer.get());
            }
        } catch (InterruptedException | InterruptException e) {
            log.debug("Lane {} is not needed any more", number);
        } catch (VirtualMachineError e) {
            // Whoever waits for this lane would wait for ever, in a process that looks alive.
            log.error("The JVM is beyond repair; this process ends", e);
            Runtime.getRuntime().halt(BEYOND_REPAIR);
        } finally {
            problem = Optional.of("has stopped");
        }
    }

    /** None after the first failure, as a broker that was restarted is back; then longer and longer. */
    private long pause() {
        return failures < 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(failures, 10));
    }

    private Optional<Producer<byte[], byte[]>> open() {
        Producer<byte[], byte[]> producer = null;
        try {
            producer = ProducerSettings.open(settings.transactional(number));
            producer.initTransactions();
            // Learns where the partitions are: the first transaction then starts at once.
            producer.partitionsFor(Topics.ORDERS);
            problem = Optional.empty();
            log.info("{} is open", settings.transactionalId(number));
            return Optional.of(producer);
        } catch (RuntimeException e) {
            failed("could not be opened", e);
            if (producer != null) {
                producer.close(Duration.ZERO);
            }
            return Optional.empty();
        }
    }

    /** @return false when nobody comes any more; true where the producer must be opened anew */
    private boolean serve(Producer<byte[], byte[]> producer) throws InterruptedException {
        try {
            for (List<Submission> group = room.takeGroup(); !group.isEmpty(); group = room.takeGroup()) {
                SharedTransaction transaction = new SharedTransaction(group);
                long start = System.nanoTime();
                Optional<RuntimeException> failure = transaction.commit(producer);
                if (failure.isPresent()) {
                    failed("lost its transaction", failure.get());
                    producer.close(Duration.ZERO);
                    metrics.failed(transaction.mayBeCommitted());
                    room.comeBack(transaction.conclude(failure.get()));
                    return true;
                }
                metrics.committed(transaction.records(), System.nanoTime() - start);
                transaction.tellCommitted();
                failures = 0;
                TimeUnit.NANOSECONDS.sleep(start + interval.toNanos() - System.nanoTime());
            }
            return false;
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    private void failed(String what, RuntimeException failure) {
        failures++;
        if (failure instanceof ProducerFencedException || failure instanceof InvalidProducerEpochException) {
            fencings.add();
        }
        String reason =
                what + ": " + NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
        problem = Optional.of(reason);
        log.warn("{} {}", settings.transactionalId(number), reason);
    }

    /** Ends when the room is closed and empty, or at once where there is no producer to empty it with. */
    void close(Duration patience) throws InterruptedException {
        if (!isOpen()) {
            thread.interrupt();
        }
        if (!thread.join(patience)) {
            thread.interrupt();
        }
    }
}
