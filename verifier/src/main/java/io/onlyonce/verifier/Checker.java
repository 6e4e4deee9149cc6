package io.onlyonce.verifier;

/**
 * Compares what was sent with what is there. Knows the contract and nothing of how the system keeps it.
 *
 * <p>An acknowledged send has to be there; one without an answer may be there or not; a refused one must not. Whatever is
 * in {@code orders} has to come out, once.
 */
final class Checker {
    private final Plan plan;
    private final Ledger ledger;
    private final History history;
    private final Findings findings;

    Checker(Plan plan, Ledger ledger, History history, Findings findings) {
        this.plan = plan;
        this.ledger = ledger;
        this.history = history;
        this.findings = findings;
    }

    void check() {
        for (int index = 0; index < ledger.capacity(); index++) {
            checkRecords(index);
            checkOutputs(index);
        }
        for (int first = 0; first < plan.orders(); first += plan.unitSize(first)) {
            if (plan.unitSize(first) > 1) {
                checkBatch(first);
            }
        }
        checkRows(Topic.PROCESSED);
        checkRows(Topic.DUPLICATES);
    }

    /** What was sent against what stands in {@code orders}. */
    private void checkRecords(int index) {
        int acknowledged = ledger.acknowledgements(index);
        int unanswered = ledger.unanswered(index);
        int records = history.count(Topic.ORDERS, index);
        if (records < acknowledged) {
            findings.add(
                    Anomaly.MISSING_RECORD,
                    plan.id(index),
                    "acknowledged %d times, %d times in orders".formatted(acknowledged, records));
        }
        if (acknowledged + unanswered == 0 && isSeen(index)) {
            history.phantom(
                    index, ledger.rejections(index) > 0 ? "was refused, and is there" : "was not sent, and is there");
        } else if (records > acknowledged + unanswered && unanswered < Ledger.LIMIT) {
            findings.add(
                    Anomaly.EXTRA_RECORD,
                    plan.id(index),
                    "sent %d times, %d times in orders".formatted(acknowledged + unanswered, records));
        }
    }

    /** What stands in {@code orders} against what came out. */
    private void checkOutputs(int index) {
        int records = history.count(Topic.ORDERS, index);
        int processed = history.count(Topic.PROCESSED, index);
        int duplicates = history.count(Topic.DUPLICATES, index);
        int dead = history.count(Topic.DEAD_LETTERS, index);
        String lost = whereLost(index, records, processed, dead);
        if (lost != null) {
            findings.add(Anomaly.LOST, plan.id(index), lost);
        }
        if (processed > 1 || history.hasSeveralProcessedRows(index)) {
            findings.add(
                    Anomaly.DUPLICATED,
                    plan.id(index),
                    "%d times in orders, %d times in orders.processed".formatted(records, processed));
        }
        boolean vanished = processed > 0 && processed + duplicates + dead < records;
        boolean invented = processed <= 1 && processed + duplicates + dead > records;
        if (records > 0 && (vanished || invented)) {
            findings.add(
                    Anomaly.UNBALANCED,
                    plan.id(index),
                    "%d times in orders, %d times processed, %d times rejected as a duplicate, %d dead letters"
                            .formatted(records, processed, duplicates, dead));
        }
    }

    /** @return the place at which the order went missing, or null */
    private String whereLost(int index, int records, int processed, int dead) {
        if (records == 0) {
            return ledger.acknowledgements(index) > 0 ? "acknowledged, and not in orders" : null;
        }
        if (processed == 0) {
            return dead > 0 ? "became a dead letter" : "in orders, and not in orders.processed";
        }
        if (!history.hasOrderRow(index)) {
            return "in orders.processed, and not in the table orders";
        }
        return history.hasProcessedRow(index) ? null : "in orders.processed, and not in the table processed_messages";
    }

    private boolean isSeen(int index) {
        return history.count(Topic.ORDERS, index)
                                + history.count(Topic.PROCESSED, index)
                                + history.count(Topic.DUPLICATES, index)
                                + history.count(Topic.DEAD_LETTERS, index)
                        > 0
                || history.hasOrderRow(index)
                || history.hasProcessedRow(index);
    }

    /** A batch is only ever sent whole: however often that was, each of its orders stands there as often. */
    private void checkBatch(int first) {
        int records = history.count(Topic.ORDERS, first);
        for (int index = first; index < first + plan.unitSize(first); index++) {
            if (history.count(Topic.ORDERS, index) != records) {
                findings.add(
                        Anomaly.PARTIAL_BATCH,
                        plan.id(first),
                        "%d times in orders, but %s of the same batch %d times"
                                .formatted(records, plan.id(index), history.count(Topic.ORDERS, index)));
                return;
            }
        }
    }

    private void checkRows(Topic topic) {
        history.offsets(topic)
                .forEach(
                        History.COMMITTED,
                        History.ROW,
                        (partition, offset) -> findings.add(
                                Anomaly.MISSING_ROW,
                                "%s, partition %d, offset %d".formatted(topic.wireName(), partition, offset),
                                "committed to the topic, and not in its table"));
    }
}
