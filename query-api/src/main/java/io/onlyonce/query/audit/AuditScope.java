package io.onlyonce.query.audit;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.kafka.KafkaClients;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Determines which records must have a result, and which source records retention may have deleted. Offsets are by
 * partition.
 *
 * @param deadLetters coordinates of the records of `orders` that are in `orders.dlq`
 * @param conflicts coordinates of the duplicates in `orders` that the stream marked as conflicts
 * @param ordersStart log start offsets of `orders`
 * @param processedStart log start offsets of `orders.processed`
 */
record AuditScope(
        CommittedOffsets committed,
        Set<Long> deadLetters,
        Set<Long> conflicts,
        Map<Integer, Long> ordersStart,
        Map<Integer, Long> processedStart) {
    /**
     * The committed offsets of the consumers at the start of the audit.
     *
     * @param stream offsets of `orders`
     * @param processedSink offsets of `orders.processed`, by the connector of the table `processed_messages`
     * @param ordersSink offsets of `orders.processed`, by the connector of the table `orders`
     */
    record CommittedOffsets(
            Map<Integer, Long> stream, Map<Integer, Long> processedSink, Map<Integer, Long> ordersSink) {
        static CommittedOffsets read(KafkaClients kafka, Sink sink) {
            return new CommittedOffsets(
                    read(kafka, ConsumerGroups.ORDER_STREAM, Topics.ORDERS),
                    read(kafka, ConsumerGroups.ofConnector(sink.processedMessagesConnector()), Topics.PROCESSED),
                    read(kafka, ConsumerGroups.ofConnector(sink.ordersConnector()), Topics.PROCESSED));
        }

        private static Map<Integer, Long> read(KafkaClients kafka, String group, String topic) {
            return kafka.committedOffsets(group).entrySet().stream()
                    .filter(entry -> entry.getKey().topic().equals(topic))
                    .collect(Collectors.toMap(entry -> entry.getKey().partition(), Map.Entry::getValue));
        }
    }

    /** Whether the stream consumed the record of `orders` and did not reject it as a dead letter. */
    boolean requiresResult(long source) {
        return isBefore(committed.stream, source) && !deadLetters.contains(source);
    }

    boolean isMarkedAsConflict(long source) {
        return conflicts.contains(source);
    }

    boolean requiresProcessedRow(long output) {
        return isBefore(committed.processedSink, output);
    }

    boolean requiresOrderRow(long output) {
        return isBefore(committed.ordersSink, output);
    }

    boolean isSourceDeleted(long source) {
        return source != RecordCoordinates.NONE && isBefore(ordersStart, source);
    }

    boolean isOutputDeleted(long output) {
        return isBefore(processedStart, output);
    }

    private static boolean isBefore(Map<Integer, Long> offsets, long coordinates) {
        return RecordCoordinates.offset(coordinates)
                < offsets.getOrDefault(RecordCoordinates.partition(coordinates), 0L);
    }
}
