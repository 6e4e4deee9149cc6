package io.onlyonce.ingest.delivery;

import io.onlyonce.model.time.Deadline;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.springframework.core.NestedExceptionUtils;

/** Writes requests to the topic {@code orders} with the guarantee of one delivery mode. Thread-safe. */
public abstract sealed class OrderSender permits TransactionalSender, PlainSender {
    private static final Outcome INTERRUPTED = new Outcome.Unknown("The wait for the outcome was interrupted");

    private final DeliverySettings settings;
    private final DeliveryMetrics metrics;
    private final Admission admission;
    final DeliveryProperties properties;

    OrderSender(
            DeliverySettings settings, DeliveryProperties properties, DeliveryMetrics metrics, Admission admission) {
        this.settings = settings;
        this.properties = properties;
        this.metrics = metrics;
        this.admission = admission;
    }

    public final DeliverySettings settings() {
        return settings;
    }

    /**
     * Writes the records and waits for the outcome, at most until the deadline. After that time, the result is {@link
     * Outcome.Unknown} unless the records can still be withdrawn. The request itself completes in any case.
     */
    public final Outcome send(PendingRequest request, Deadline deadline) throws InterruptedException {
        long start = System.nanoTime();
        Outcome outcome = INTERRUPTED;
        admission.started();
        try {
            start(request, deadline);
            outcome = await(request, deadline);
        } finally {
            admission.ended(outcome);
            metrics.answered(settings.mode(), outcome, request.records().size(), System.nanoTime() - start);
        }
        return outcome;
    }

    private void start(PendingRequest request, Deadline deadline) {
        long limit = properties.recordMaxBytes().toBytes();
        if (request.largestRecordBytes() > limit) {
            // The broker would refuse the record and abort a transaction that contains other requests.
            request.outcome()
                    .complete(new Outcome.Refused("A record can have at most %d bytes, but one has %d"
                            .formatted(limit, request.largestRecordBytes())));
        } else if (deadline.expired()) {
            request.outcome().complete(new Outcome.NotWritten("The request has exceeded its time limit"));
        } else {
            try {
                write(request);
            } catch (Error | RuntimeException e) {
                // The request must complete, because a pause of the intake waits for it.
                request.outcome().complete(new Outcome.Unknown("Internal error: " + e));
                throw e;
            }
        }
    }

    private Outcome await(PendingRequest request, Deadline deadline) throws InterruptedException {
        try {
            return request.outcome().get(deadline.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return withdraw(request);
        } catch (ExecutionException e) {
            throw new AssertionError("A request never completes exceptionally", e);
        }
    }

    /** Starts to write the records. The request completes later or, if it fails immediately, before this call returns. */
    abstract void write(PendingRequest request);

    /** @return the outcome to report for a request that has exceeded its time */
    abstract Outcome withdraw(PendingRequest request);

    /** @return why this sender cannot write at the moment */
    Optional<String> problem() {
        return Optional.empty();
    }

    /** @return why a new request cannot be written in time; empty during a short interruption and during the start */
    Optional<String> outage() {
        return Optional.empty();
    }

    /** Finishes the requests in flight, within {@code answer-within}. */
    abstract void close();

    /** Whether the broker has validated the record and rejected it, regardless of the transaction. */
    static boolean isRejection(Throwable failure) {
        return failure instanceof RecordTooLargeException
                || failure instanceof InvalidTimestampException
                // The producer also reports an invalid timestamp with this exception if a batch has several of them.
                || failure instanceof InvalidRecordException;
    }

    /** The outcome of a rejected record. Apart from its size, the cause is not the order, but for example a clock. */
    static Outcome rejected(Throwable rejection) {
        return rejection instanceof RecordTooLargeException
                ? new Outcome.Refused(rejection.getMessage())
                : new Outcome.NotWritten("The broker rejected a record: " + rejection.getMessage());
    }

    static String cause(Throwable failure) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failure);
        return cause instanceof KafkaException ? cause.getMessage() : cause.toString();
    }
}
