package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.check.Ledger;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Sends orders and batches with retries, and records every attempt in the ledger. Thread-safe. */
public final class OrderSender {
    private static final Duration RETRY_TIMEOUT = Duration.ofSeconds(120);
    private static final long MIN_BACKOFF_MILLIS = 50;
    private static final long MAX_BACKOFF_MILLIS = 1_000;

    private final OrderPlan plan;
    private final Ledger ledger;
    private final IngestRequests requests;
    private final ServiceClient client;
    private final LoadStatistics statistics;
    private final Findings findings;
    private volatile boolean stopped;

    public OrderSender(
            OrderPlan plan, Ledger ledger, ServiceClient client, LoadStatistics statistics, Findings findings) {
        this.plan = plan;
        this.ledger = ledger;
        this.requests = new IngestRequests(plan);
        this.client = client;
        this.statistics = statistics;
        this.findings = findings;
    }

    void stop() {
        stopped = true;
    }

    /**
     * Sends the order, or the batch, that starts at this index. Retries with the same ids until it receives a response,
     * for two minutes at most. If the plan abandons the order, it does not retry after a missing response.
     *
     * @return the response to the last attempt
     */
    public IngestResponse send(int first) throws InterruptedException {
        long deadline = System.nanoTime() + RETRY_TIMEOUT.toNanos();
        for (long backoff = MIN_BACKOFF_MILLIS; ; backoff = Math.min(2 * backoff, MAX_BACKOFF_MILLIS)) {
            IngestResponse response = attempt(first);
            boolean isFinal = switch (response) {
                case IngestResponse.Acknowledged _, IngestResponse.Rejected _ -> true;
                case IngestResponse.Unanswered _ -> plan.abandons(first);
                case IngestResponse.NotSent _ -> false;
            };
            if (isFinal || stopped || System.nanoTime() - deadline > 0) {
                return response;
            }
            TimeUnit.MILLISECONDS.sleep(backoff);
            statistics.retries.increment();
        }
    }

    private IngestResponse attempt(int first) throws InterruptedException {
        forEachOrder(first, ledger::sending);
        long sent = System.nanoTime();
        IngestResponse response = client.send(requests.valid(first));
        switch (response) {
            case IngestResponse.Acknowledged _ -> {
                forEachOrder(first, index -> {
                    statistics.acknowledgedRecords.increment();
                    statistics.acknowledged.add(ledger.acknowledged(index) ? 1 : 0);
                });
                statistics.requestAcknowledged(sent, System.nanoTime());
            }
            case IngestResponse.Rejected(String reason) -> {
                forEachOrder(first, ledger::rejected);
                findings.add(Anomaly.REFUSED, plan.id(first), reason);
            }
            case IngestResponse.Unanswered _ -> statistics.unanswered.increment();
            case IngestResponse.NotSent _ -> {
                forEachOrder(first, ledger::notSent);
                statistics.notSent.increment();
            }
        }
        return response;
    }

    private void forEachOrder(int first, IntConsumer action) {
        for (int index = first; index < first + plan.unitSize(first); index++) {
            action.accept(index);
        }
    }

    /** Sends a request that must be rejected. The audit reports its order if it is present. */
    void sendInvalid(int number) throws InterruptedException {
        statistics.invalidSent.increment();
        IngestRequests.Request request = requests.invalid(number);
        switch (client.send(request)) {
            case IngestResponse.Rejected _ -> statistics.invalidRejected.increment();
            case IngestResponse.Acknowledged _ ->
                findings.add(Anomaly.INVALID_ACCEPTED, plan.invalidId(number), new String(request.json(), UTF_8));
            case IngestResponse.Unanswered _, IngestResponse.NotSent _ -> {}
        }
    }
}
