package io.onlyonce.query.audit;

import java.util.Map;
import java.util.Set;

/**
 * How far the parts had come when the audit looked: what must have an outcome, and what may have lost its source.
 * Offsets are by partition.
 *
 * @param passed offsets of `orders` that the stream had committed
 * @param deadLetters records of `orders` that are in `orders.dlq`
 * @param rowsDue offsets of `orders.processed` that the connector of `processed_messages` had committed
 * @param orderRowsDue the same for the connector of the table `orders`
 * @param ordersStart where `orders` begins, retention having deleted what was before
 * @param processedStart where `orders.processed` begins
 */
record Horizon(
        Map<Integer, Long> passed,
        Set<Long> deadLetters,
        Map<Integer, Long> rowsDue,
        Map<Integer, Long> orderRowsDue,
        Map<Integer, Long> ordersStart,
        Map<Integer, Long> processedStart) {
    boolean isPassed(long source) {
        return isBefore(passed, source);
    }

    boolean isDeadLetter(long source) {
        return deadLetters.contains(source);
    }

    boolean isRowDue(long output) {
        return isBefore(rowsDue, output);
    }

    boolean isOrderRowDue(long output) {
        return isBefore(orderRowsDue, output);
    }

    boolean isSourceDeleted(long source) {
        return source != At.NOWHERE && isBefore(ordersStart, source);
    }

    boolean isOutputDeleted(long output) {
        return isBefore(processedStart, output);
    }

    private static boolean isBefore(Map<Integer, Long> offsets, long at) {
        return At.offset(at) < offsets.getOrDefault(At.partition(at), 0L);
    }
}
