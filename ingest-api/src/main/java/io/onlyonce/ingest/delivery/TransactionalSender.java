package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Exactly-once: {@link TransactionWorker}s commit the queued requests in batches (group commit). */
final class TransactionalSender extends OrderSender {
    private final RequestQueue queue;
    private final List<TransactionWorker> workers;

    TransactionalSender(DeliveryProperties properties, DeliveryMetrics metrics, Admission admission) {
        super(new DeliverySettings(DeliveryMode.EXACTLY_ONCE, true), properties, metrics, admission);
        this.queue = new RequestQueue(
                new RequestQueue.Limit(
                        properties.queueMaxRequests(),
                        properties.queueMaxBytes().toBytes()),
                new RequestQueue.Limit(
                        properties.transactionMaxRecords(),
                        properties.transactionMaxBytes().toBytes()));
        this.workers = IntStream.range(0, properties.transactionWorkers())
                .mapToObj(number -> new TransactionWorker(number, properties, queue, metrics))
                .toList();
        metrics.watch(queue, workers);
    }

    @Override
    void write(PendingRequest request) {
        if (!queue.offer(request)) {
            request.outcome().complete(new Outcome.NotWritten("The transaction queue is full"));
        }
    }

    @Override
    Outcome withdraw(PendingRequest request) {
        if (!queue.remove(request)) {
            return new Outcome.Unknown("The broker has not confirmed the commit yet");
        }
        Outcome outcome = new Outcome.NotWritten("No transaction started in time"
                + problem().map(reason -> ": " + reason).orElse(""));
        request.outcome().complete(outcome);
        return outcome;
    }

    @Override
    Optional<String> problem() {
        if (workers.stream().anyMatch(TransactionWorker::isReady)
                && workers.stream().noneMatch(TransactionWorker::isContested)) {
            return Optional.empty();
        }
        return Optional.of(workers.stream()
                .map(TransactionWorker::problem)
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; ")));
    }

    @Override
    Optional<String> outage() {
        return workers.stream().allMatch(TransactionWorker::isFailing) ? problem() : Optional.empty();
    }

    @Override
    void close() {
        queue.close();
        try {
            for (TransactionWorker worker : workers) {
                worker.close(properties.answerWithin());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
