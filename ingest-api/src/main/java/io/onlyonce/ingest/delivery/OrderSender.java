package io.onlyonce.ingest.delivery;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.springframework.core.NestedExceptionUtils;

/** Writes requests to the topic {@code orders} with the guarantee of one delivery mode. Thread-safe. */
public abstract sealed class OrderSender permits TransactionalSender, PlainSender {
    private final DeliverySettings settings;
    private final DeliveryMetrics metrics;
    final DeliveryProperties properties;

    OrderSender(DeliverySettings settings, DeliveryProperties properties, DeliveryMetrics metrics) {
        this.settings = settings;
        this.properties = properties;
        this.metrics = metrics;
    }

    public final DeliverySettings settings() {
        return settings;
    }

    /**
     * Writes the records and waits for the outcome, at most for {@code answer-within}. After that time, the result is
     * {@link Outcome.Unknown} unless the records can still be withdrawn. The request itself completes in any case.
     */
    public final Outcome send(PendingRequest request) throws InterruptedException {
        long start = System.nanoTime();
        long limit = properties.recordMaxBytes().toBytes();
        if (request.largestRecordBytes() > limit) {
            // The broker would refuse the record and abort a transaction that contains other requests.
            request.outcome()
                    .complete(new Outcome.Refused("A record can have at most %d bytes, but one has %d"
                            .formatted(limit, request.largestRecordBytes())));
        } else {
            write(request);
        }
        Outcome outcome;
        try {
            outcome = request.outcome().get(properties.answerWithin().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            outcome = withdraw(request);
        } catch (ExecutionException e) {
            throw new AssertionError("A request never completes exceptionally", e);
        }
        metrics.answered(settings.mode(), outcome, request.records().size(), System.nanoTime() - start);
        return outcome;
    }

    /** Starts to write the records. The request completes later or, if it fails immediately, before this call returns. */
    abstract void write(PendingRequest request);

    /** @return the outcome to report for a request that has exceeded its time */
    abstract Outcome withdraw(PendingRequest request);

    /** @return why this sender cannot write at the moment */
    Optional<String> problem() {
        return Optional.empty();
    }

    /** Finishes the requests in flight, within {@code answer-within}. */
    abstract void close();

    /** Whether the broker never accepts the record, regardless of the transaction. */
    static boolean isRefusal(Throwable failure) {
        return failure instanceof RecordTooLargeException || failure instanceof InvalidRecordException;
    }

    static String cause(Throwable failure) {
        return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
    }
}
