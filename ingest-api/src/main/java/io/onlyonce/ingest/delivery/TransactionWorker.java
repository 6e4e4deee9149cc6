package io.onlyonce.ingest.delivery;

import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread with one transactional producer. It drains the queue, sends the requests in one transaction, commits, and
 * completes the requests. The queue fills during a commit and during the pause between two transactions.
 *
 * <p>On any failure, closes the producer and creates a new one with the same {@code transactional.id}. {@code
 * initTransactions()} then completes or aborts the pending transaction.
 */
final class TransactionWorker implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(TransactionWorker.class);
    private static final long MIN_BACKOFF_MS = 50;
    private static final long MAX_BACKOFF_MS = 1_000;
    /** A reset or a successor fences a producer once. More fencings within a minute come from another live process. */
    private static final int TOLERATED_FENCINGS = 2;
    /** The time that a new producer usually needs at most. */
    private static final Duration RECREATION_TIME = Duration.ofSeconds(1);
    /** The exit code, the same as in order-stream. */
    private static final int FATAL_ERROR = 4;

    private final String transactionalId;
    private final DeliveryProperties properties;
    private final RequestQueue queue;
    private final DeliveryMetrics metrics;
    private final Thread thread;
    /** {@link System#nanoTime()} of the latest fencings. */
    private final Deque<Long> fencings = new ArrayDeque<>();

    private volatile Optional<String> problem = Optional.of("the producer is being initialized");
    /** When the producer failed; empty if the current producer is ready or the first one is being initialized. */
    private volatile Optional<Long> failedAt = Optional.empty();

    private int consecutiveFailures;

    /** Starts the thread, which initializes its producer in the background. */
    TransactionWorker(int number, DeliveryProperties properties, RequestQueue queue, DeliveryMetrics metrics) {
        this.transactionalId = properties.transactionalId(number);
        this.properties = properties;
        this.queue = queue;
        this.metrics = metrics;
        this.thread = Thread.ofPlatform().name("transaction-worker-" + number).start(this);
    }

    @Override
    public void run() {
        try {
            while (runProducer()) {
                Thread.sleep(backoffMillis());
            }
        } catch (InterruptedException | InterruptException e) {
            log.debug("Transaction worker interrupted transactional_id={}", transactionalId);
        } catch (Error | RuntimeException e) {
            // Without this worker, the process would look healthy, but its requests would never complete.
            try {
                log.error("Fatal error, terminating transactional_id={}", transactionalId, e);
            } finally {
                Runtime.getRuntime().halt(FATAL_ERROR);
            }
        } finally {
            problem = Optional.of("the worker has stopped");
        }
    }

    /**
     * Creates a producer and commits batches until it fails or the queue is closed.
     *
     * @return true if a new producer is needed; false if the queue is closed and empty
     */
    private boolean runProducer() throws InterruptedException {
        Producer<byte[], byte[]> producer = null;
        List<PendingRequest> batch = List.of();
        Throwable failure;
        try {
            producer = new KafkaProducer<>(ProducerSettings.transactional(properties, transactionalId));
            producer.initTransactions();
            // Fetches the metadata, so that the first transaction does not wait for it.
            producer.partitionsFor(Topics.ORDERS);
            problem = Optional.empty();
            failedAt = Optional.empty();
            log.info("Transactional producer ready transactional_id={}", transactionalId);
            for (batch = queue.drain(); !batch.isEmpty(); batch = queue.drain()) {
                long start = System.nanoTime();
                commit(producer, batch, start);
                TimeUnit.NANOSECONDS.sleep(
                        start + properties.transactionInterval().toNanos() - System.nanoTime());
            }
            return false;
        } catch (VirtualMachineError e) {
            // The state of the producer and of the queue is unknown, for example after OutOfMemoryError.
            throw e;
        } catch (Error | RuntimeException e) {
            failure = e;
        } finally {
            if (producer != null) {
                close(producer);
            }
        }
        recordFailure(batch.isEmpty() ? "Producer initialization failed" : "Transaction failed", failure);
        if (!batch.isEmpty()) {
            completeOrRequeue(batch, OrderSender.cause(failure));
        }
        return true;
    }

    /** Terminates the network thread of the producer, so that it cannot commit anymore. */
    private void close(Producer<byte[], byte[]> producer) {
        try {
            producer.close(Duration.ZERO);
        } catch (InterruptException e) {
            // The network thread may be running: a request of the batch must time out with an unknown outcome.
            throw e;
        } catch (RuntimeException e) {
            log.debug("Producer resources not released transactional_id={}", transactionalId, e);
        }
    }

    private void commit(Producer<byte[], byte[]> producer, List<PendingRequest> batch, long start) {
        producer.beginTransaction();
        for (PendingRequest request : batch) {
            request.sendTo(producer);
        }
        producer.commitTransaction();
        int records =
                batch.stream().mapToInt(request -> request.records().size()).sum();
        metrics.committed(records, System.nanoTime() - start);
        batch.forEach(PendingRequest::completeWritten);
        consecutiveFailures = 0;
    }

    /**
     * Completes the requests whose outcome is final and requeues the others. Requires that the producer is closed.
     *
     * <p>A producer requests the commit only after the broker has acknowledged every record. If a record was not
     * acknowledged, the closed producer cannot request the commit anymore, and no record of the transaction becomes
     * readable. If all records were acknowledged, the commit may have succeeded and only its response was lost.
     */
    private void completeOrRequeue(List<PendingRequest> batch, String cause) {
        boolean mayBeCommitted = batch.stream().allMatch(PendingRequest::isAcknowledged);
        metrics.failed(mayBeCommitted);
        List<PendingRequest> retries = new ArrayList<>();
        for (PendingRequest request : batch) {
            Optional<Throwable> rejection = request.rejection();
            if (mayBeCommitted) {
                request.outcome().complete(new Outcome.Unknown("The broker did not confirm the commit: " + cause));
            } else if (rejection.isPresent()) {
                request.outcome().complete(OrderSender.rejected(rejection.get()));
            } else if (request.prepareRetry()) {
                retries.add(request);
            } else {
                request.outcome().complete(new Outcome.NotWritten("The transaction was aborted: " + cause));
            }
        }
        queue.requeue(retries);
    }

    /** Zero after the first failure, because a restarted broker is usually available again. */
    private long backoffMillis() {
        return consecutiveFailures < 2
                ? 0
                : Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS << Math.min(consecutiveFailures, 10));
    }

    private synchronized void recordFailure(String event, Throwable failure) {
        consecutiveFailures++;
        failedAt = failedAt.or(() -> Optional.of(System.nanoTime()));
        if (failure instanceof ProducerFencedException || failure instanceof InvalidProducerEpochException) {
            fencings.addLast(System.nanoTime());
            if (fencings.size() > TOLERATED_FENCINGS + 1) {
                fencings.removeFirst();
            }
        }
        String cause = OrderSender.cause(failure);
        problem = Optional.of(event + ": " + cause);
        log.warn("{}, recreating the producer transactional_id={} cause=\"{}\"", event, transactionalId, cause);
    }

    boolean isReady() {
        return problem.isEmpty();
    }

    /** Whether the producer has failed and has not been replaced within {@link #RECREATION_TIME}. */
    boolean isFailing() {
        return failedAt.filter(since -> System.nanoTime() - since >= RECREATION_TIME.toNanos())
                .isPresent();
    }

    /** Whether another live process repeatedly fences this producer. */
    synchronized boolean isContested() {
        return fencings.size() > TOLERATED_FENCINGS
                && System.nanoTime() - fencings.getFirst() < TimeUnit.MINUTES.toNanos(1);
    }

    /** @return why the worker is not ready or is contested */
    Optional<String> problem() {
        return (isContested()
                        ? Optional.of("another live process uses the same transactional.id and fences this one;"
                                + " set a different INSTANCE_ID for each instance")
                        : problem)
                .map(reason -> transactionalId + ": " + reason);
    }

    /** Waits until the worker has drained the closed queue. Interrupts it if it has no producer or exceeds the timeout. */
    void close(Duration timeout) throws InterruptedException {
        if (!isReady()) {
            thread.interrupt();
        }
        if (!thread.join(timeout)) {
            thread.interrupt();
        }
    }
}
