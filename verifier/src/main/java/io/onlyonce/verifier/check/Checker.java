package io.onlyonce.verifier.check;

import io.onlyonce.verifier.plan.OrderPlan;
import java.util.Arrays;

/**
 * Compares the ledger with the history.
 *
 * <p>An acknowledged request must have taken effect. An unanswered request may or may not have taken effect. A rejected
 * request must not have taken effect. Every order in {@code orders} must be processed exactly once.
 */
public record Checker(OrderPlan plan, Ledger ledger, History history, Findings findings) {
    public void check() {
        for (int index = 0; index < ledger.capacity(); index++) {
            checkRecords(index);
            checkOutputs(index);
        }
        for (int first = 0; first < plan.orders(); first += plan.unitSize(first)) {
            checkBatch(first);
        }
        checkRows(Topic.PROCESSED);
        checkRows(Topic.DUPLICATES);
    }

    private void checkRecords(int index) {
        int acknowledged = ledger.acknowledgements(index);
        int unanswered = ledger.unanswered(index);
        int records = history.count(Topic.ORDERS, index);
        if (records < acknowledged) {
            add(Anomaly.MISSING_RECORD, index, "acknowledged %d times, %d times in orders", acknowledged, records);
        }
        if (acknowledged + unanswered == 0 && isPresent(index)) {
            history.phantom(index, ledger.rejections(index) > 0 ? "rejected, but present" : "not sent, but present");
        } else if (records > acknowledged + unanswered && unanswered < Ledger.LIMIT) {
            add(Anomaly.EXTRA_RECORD, index, "sent %d times, %d times in orders", acknowledged + unanswered, records);
        }
    }

    private void checkOutputs(int index) {
        int records = history.count(Topic.ORDERS, index);
        int processed = history.count(Topic.PROCESSED, index);
        int duplicates = history.count(Topic.DUPLICATES, index);
        int dead = history.count(Topic.DEAD_LETTERS, index);
        String lost = whereLost(index, records, processed, dead);
        if (lost != null) {
            findings.add(Anomaly.LOST, plan.id(index), lost);
        }
        if (processed > 1 || history.has(index, History.SECOND_PROCESSED_ROW)) {
            add(Anomaly.DUPLICATED, index, "%d times in orders, %d times in orders.processed", records, processed);
        }
        int outputs = processed + duplicates + dead;
        boolean tooFew = processed > 0 && outputs < records;
        boolean tooMany = processed <= 1 && outputs > records;
        if (records > 0 && (tooFew || tooMany)) {
            String what = "%d times in orders, %d times processed, %d times rejected as a duplicate, %d dead letters";
            add(Anomaly.UNBALANCED, index, what, records, processed, duplicates, dead);
        }
    }

    private String whereLost(int index, int records, int processed, int dead) {
        if (records == 0) {
            return ledger.acknowledgements(index) > 0 ? "acknowledged, but not in orders" : null;
        }
        if (processed == 0) {
            return dead > 0 ? "became a dead letter" : "in orders, but not in orders.processed";
        }
        if (!history.has(index, History.ORDER_ROW)) {
            return "in orders.processed, but not in the table orders";
        }
        boolean isStored = history.has(index, History.PROCESSED_ROW);
        return isStored ? null : "in orders.processed, but not in the table processed_messages";
    }

    private boolean isPresent(int index) {
        return history.has(index, History.ORDER_ROW | History.PROCESSED_ROW)
                || Arrays.stream(Topic.values()).anyMatch(topic -> history.count(topic, index) > 0);
    }

    /** A batch is always sent as a whole, so that all its orders must have the same number of records. */
    private void checkBatch(int first) {
        int records = history.count(Topic.ORDERS, first);
        for (int index = first + 1; index < first + plan.unitSize(first); index++) {
            int others = history.count(Topic.ORDERS, index);
            if (others != records) {
                String what = "%d times in orders, but %s of the same batch %d times";
                add(Anomaly.PARTIAL_BATCH, first, what, records, plan.id(index), others);
                return;
            }
        }
    }

    private void add(Anomaly anomaly, int index, String what, Object... args) {
        findings.add(anomaly, plan.id(index), what.formatted(args));
    }

    private void checkRows(Topic topic) {
        history.offsets(topic).forEach(History.COMMITTED, History.STORED, (partition, offset) -> {
            String where = "%s, partition %d, offset %d".formatted(topic.wireName(), partition, offset);
            findings.add(Anomaly.MISSING_ROW, where, "committed to the topic, but missing from its table");
        });
    }
}
