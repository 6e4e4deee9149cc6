package io.onlyonce.verifier.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.OrderPlan;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** A correct run of any length, generated record by record. */
final class LongRun {
    private static final int PARTITIONS = 6;
    private static final int ORDERS_PER_TRANSACTION = 50;

    private final OrderPlan plan;
    private final Ledger ledger;
    private final Findings findings = new Findings();
    private final History history;

    LongRun(int orders) {
        plan = new OrderPlan("long", 1, orders, 5);
        ledger = new Ledger(orders);
        long[] starts = new long[PARTITIONS];
        Map<Topic, long[]> all = Map.of(
                Topic.ORDERS, starts, Topic.PROCESSED, starts, Topic.DUPLICATES, starts, Topic.DEAD_LETTERS, starts);
        history = new History(plan, Guarantee.EXACTLY_ONCE, all, orders, findings);
    }

    Ledger ledger() {
        return ledger;
    }

    History history() {
        return history;
    }

    Findings check() {
        for (int index = 0; index < plan.orders(); index++) {
            ledger.sending(index);
            ledger.acknowledged(index);
            history.record(Topic.ORDERS, partition(index), offset(index), key(index), ContractJson.bytes(order(index)));
        }
        for (int index = 0; index < plan.orders(); index++) {
            history.record(Topic.PROCESSED, partition(index), offset(index), key(index), processed(index));
        }
        for (int index = 0; index < plan.orders(); index++) {
            var source = Optional.of(new History.Source(partition(index), offset(index)));
            history.orderRow(plan.id(index), plan.content(index), Optional.empty(), source);
            history.messageRow(Topic.PROCESSED, partition(index), offset(index), plan.id(index), source);
        }
        new Checker(plan, ledger, history, findings).check();
        return findings;
    }

    private static int partition(int index) {
        return index % PARTITIONS;
    }

    /** Every transaction ends with a marker, which uses one offset. */
    private static long offset(int index) {
        long nth = index / PARTITIONS;
        return nth + nth / ORDERS_PER_TRANSACTION;
    }

    private byte[] key(int index) {
        return plan.id(index).getBytes(UTF_8);
    }

    private ObjectNode order(int index) {
        return ContractJson.order(plan.id(index), plan.content(index))
                .put(
                        "created_at",
                        plan.createdAt(index)
                                .map(at -> at.toInstant().toString())
                                .orElse("2026-11-23T10:15:30Z"));
    }

    private byte[] processed(int index) {
        return ContractJson.bytes(order(index)
                .put("status", "processed")
                .put("processed_at", "2026-11-23T10:15:31Z")
                .put("consumer_id", "consumer-1")
                .put("processing_mode", "exactly-once")
                .put("partition", partition(index))
                .put("offset", offset(index)));
    }

    /** Checks whether a run of N orders fits into the heap, for example {@code java -Xmx256m … LongRun 5000000}. */
    public static void main(String[] args) {
        long began = System.nanoTime();
        LongRun run = new LongRun(Integer.parseInt(args[0]));
        System.out.printf(
                "%s orders, found %s, %.0f s%n", args[0], run.check().counts(), (System.nanoTime() - began) / 1e9);
    }
}
