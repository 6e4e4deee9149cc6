package io.onlyonce.stream.runtime;

import io.onlyonce.model.Topics;
import io.onlyonce.stream.topology.OrderTopology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The topics of the stream at one time.
 *
 * <p>The partition of an order_id, and with it the dedup store that contains the id, depends on the number of partitions.
 * After a change, an order that is repeated can reach a partition whose store does not contain it.
 *
 * @param partitions the number of partitions of each topic that exists, by name
 */
record TopicCheck(Map<String, Integer> partitions) {
    private static final List<String> TOPICS = Stream.concat(Topics.ALL.stream(), Stream.of(OrderTopology.CHANGELOG))
            .toList();

    /** @throws ExecutionException if Kafka does not respond */
    static TopicCheck of(Admin admin) throws ExecutionException, InterruptedException {
        Map<String, Integer> partitions = new TreeMap<>();
        for (var topic : admin.describeTopics(TOPICS).topicNameValues().entrySet()) {
            KafkaFuture<TopicDescription> description = topic.getValue();
            try {
                partitions.put(topic.getKey(), description.get().partitions().size());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return new TopicCheck(partitions);
    }

    /** Returns the reason if a topic is missing. Kafka Streams creates the changelog. */
    Optional<String> missing() {
        List<String> missing = new ArrayList<>(TOPICS);
        missing.removeAll(partitions.keySet());
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of("missing topics: " + String.join(", ", missing) + "; run the setup of the topics");
    }

    /** Returns the reason if the topics have different numbers of partitions. */
    Optional<String> mismatch() {
        return new TreeSet<>(partitions.values()).size() <= 1
                ? Optional.empty()
                : Optional.of("the topics must have the same number of partitions, but have " + partitions
                        + "; POST /reset of the query API repairs this and deletes all orders;"
                        + " docs/operations.md describes the repair without deletion");
    }
}
