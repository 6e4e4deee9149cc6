package io.onlyonce.ingest.delivery;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;

/**
 * The records of one HTTP request and their future {@link Outcome}. The future is thread-safe and never completes
 * exceptionally. Everything that concerns an attempt belongs to the worker that drained the request.
 */
public final class PendingRequest {
    private static final int MAX_ATTEMPTS = 3;

    private final List<ProducerRecord<byte[], byte[]>> records;
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final long bytes;
    /** The trace context of the HTTP request. A worker thread restores it, so that an agent links the producer's span. */
    private final Context context = Context.current();

    private List<Future<RecordMetadata>> results = List.of();
    private int attempts;

    public PendingRequest(List<ProducerRecord<byte[], byte[]>> records) {
        this.records = List.copyOf(records);
        this.bytes = records.stream().mapToLong(PendingRequest::size).sum();
    }

    private static long size(ProducerRecord<byte[], byte[]> record) {
        long size = record.key().length + (long) record.value().length;
        for (Header header : record.headers()) {
            size += header.key().length() + header.value().length;
        }
        return size;
    }

    List<ProducerRecord<byte[], byte[]>> records() {
        return records;
    }

    /** The total size of the keys, values and headers. */
    long bytes() {
        return bytes;
    }

    long largestRecordBytes() {
        return records.stream().mapToLong(PendingRequest::size).max().orElseThrow();
    }

    /** Completes when the outcome is known, which can be after the HTTP response. */
    public CompletableFuture<Outcome> outcome() {
        return outcome;
    }

    /**
     * Sends the records without waiting for their results.
     *
     * @throws org.apache.kafka.common.KafkaException if the producer does not accept a record
     */
    void sendTo(Producer<byte[], byte[]> producer) {
        attempts++;
        results = new ArrayList<>(records.size());
        try (Scope scope = context.makeCurrent()) {
            for (ProducerRecord<byte[], byte[]> record : records) {
                results.add(producer.send(record));
            }
        }
    }

    /** Whether the broker has acknowledged every record of the latest attempt. */
    boolean isAcknowledged() {
        return results.size() == records.size()
                && results.stream().allMatch(result -> result.state() == Future.State.SUCCESS);
    }

    /** @return why the broker rejected one of the records of the latest attempt */
    Optional<Throwable> rejection() {
        return results.stream()
                .filter(result -> result.state() == Future.State.FAILED)
                .map(Future::exceptionNow)
                .filter(OrderSender::isRejection)
                .findFirst();
    }

    /** Requires that all records are acknowledged. */
    void completeWritten() {
        outcome.complete(
                new Outcome.Written(results.stream().map(Future::resultNow).toList()));
    }

    /** Discards the results of a failed attempt. Returns false if there were too many attempts. */
    boolean prepareRetry() {
        results = List.of();
        return attempts < MAX_ATTEMPTS;
    }
}
