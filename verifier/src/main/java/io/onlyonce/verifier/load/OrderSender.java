package io.onlyonce.verifier.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.check.Ledger;
import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Sends orders and batches with retries, and records every attempt in the ledger. Thread-safe. */
public final class OrderSender {
    private static final Duration RETRY_TIMEOUT = Duration.ofSeconds(120);
    private static final long MIN_BACKOFF_MILLIS = 50;
    private static final long MAX_BACKOFF_MILLIS = 1_000;

    private final OrderPlan plan;
    private final Ledger ledger;
    private final ServiceClient client;
    private final LoadStatistics statistics;
    private final Findings findings;
    private volatile boolean stopped;

    record Request(String path, byte[] json) {}

    public OrderSender(
            OrderPlan plan, Ledger ledger, ServiceClient client, LoadStatistics statistics, Findings findings) {
        this.plan = plan;
        this.ledger = ledger;
        this.client = client;
        this.statistics = statistics;
        this.findings = findings;
    }

    void stop() {
        stopped = true;
    }

    /**
     * Sends the order, or the batch, that starts at this index. Retries with the same ids until it receives a response,
     * for two minutes at most. If the plan abandons the order, it does not retry after a missing response. Returns the
     * response to the last attempt.
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
        IngestResponse response = client.send(valid(first));
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
        Request request = invalid(number);
        IngestResponse response = client.send(request);
        if (response instanceof IngestResponse.Rejected) {
            statistics.invalidRejected.increment();
        } else if (response instanceof IngestResponse.Acknowledged) {
            findings.add(Anomaly.INVALID_ACCEPTED, plan.invalidId(number), new String(request.json(), UTF_8));
        }
    }

    private Request valid(int first) {
        IntStream indexes = IntStream.range(first, first + plan.unitSize(first));
        return plan.isBatch(first)
                ? batch(indexes.mapToObj(this::order).toList())
                : single(ContractJson.bytes(order(first)));
    }

    /** Returns a request that violates the contract in one of six ways. */
    private Request invalid(int number) {
        ObjectNode order = ContractJson.order(plan.invalidId(number), plan.content(0));
        switch (number % 6) {
            case 0 -> order.put("total_amount", "not a number");
            case 1 -> order.remove("customer_id");
            case 2 -> ((ObjectNode) order.get("items").get(0)).put("quantity", -1);
            case 3 -> order.putArray("items");
            case 4 -> {
                return single(order.toString().substring(0, 40).getBytes(UTF_8));
            }
            default -> {
                // The first order is valid. The second one is not, so that the whole batch must be rejected.
                return batch(List.of(order, order.deepCopy().put("total_amount", true)));
            }
        }
        return single(ContractJson.bytes(order));
    }

    private ObjectNode order(int index) {
        ObjectNode order = ContractJson.order(plan.id(index), plan.content(index));
        plan.createdAt(index).ifPresent(at -> order.put("created_at", at.toString()));
        return order;
    }

    private static Request single(byte[] json) {
        return new Request("/orders", json);
    }

    private static Request batch(List<ObjectNode> orders) {
        ObjectNode batch = ContractJson.newObject();
        batch.putArray("orders").addAll(orders);
        return new Request("/orders/batch", ContractJson.bytes(batch));
    }
}
