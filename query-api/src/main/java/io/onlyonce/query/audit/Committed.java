package io.onlyonce.query.audit;

import io.onlyonce.model.Topics;
import io.onlyonce.query.kafka.Groups;
import io.onlyonce.query.kafka.KafkaAccess;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The offsets that the readers of the flow had committed when the audit began, by partition.
 *
 * @param orders by the stream
 * @param processedRows by the connector of `processed_messages`
 * @param orderRows by the connector of the table `orders`
 */
record Committed(Map<Integer, Long> orders, Map<Integer, Long> processedRows, Map<Integer, Long> orderRows) {
    static Committed now(KafkaAccess kafka) {
        return new Committed(
                by(Groups.STREAM, Topics.ORDERS, kafka),
                by("connect-processed-messages-sink", Topics.PROCESSED, kafka),
                by("connect-orders-sink", Topics.PROCESSED, kafka));
    }

    private static Map<Integer, Long> by(String group, String topic, KafkaAccess kafka) {
        return kafka.committed(group).entrySet().stream()
                .filter(entry -> entry.getKey().topic().equals(topic))
                .collect(Collectors.toMap(entry -> entry.getKey().partition(), Map.Entry::getValue));
    }
}
