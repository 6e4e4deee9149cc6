package io.onlyonce.model.setup;

import io.onlyonce.model.Topics;
import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates topics. Existing topics are not changed, so each method can be called again. */
public final class TopicSetup {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(20);

    private TopicSetup() {}

    /** Creates the topics of the contract. */
    public static void create(Admin admin, int partitions, int replicationFactor)
            throws ExecutionException, InterruptedException {
        create(admin, Topics.specifications(partitions, replicationFactor));
    }

    /**
     * Creates the topics and waits until each new partition has a leader that serves requests. Without this wait, an
     * idempotent producer can lose its first batch: the leader rejects it but accepts the second one (KAFKA-15591, not
     * fixed in the broker version that we use).
     *
     * @throws ExecutionException with the broker's reason, for example fewer brokers than replicas
     */
    public static void create(Admin admin, Collection<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        CreateTopicsResult result = admin.createTopics(topics);
        Map<TopicPartition, OffsetSpec> created = new HashMap<>();
        for (NewTopic topic : topics) {
            try {
                int partitions = result.numPartitions(topic.name()).get();
                for (int i = 0; i < partitions; i++) {
                    created.put(new TopicPartition(topic.name(), i), OffsetSpec.latest());
                }
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
            }
        }
        awaitLeaders(admin, topics.stream().map(NewTopic::name).toList(), created);
    }

    /** The admin client does not retry if the broker has not yet learned of the topic from the controller. */
    private static void awaitLeaders(Admin admin, List<String> topics, Map<TopicPartition, OffsetSpec> partitions)
            throws ExecutionException, InterruptedException {
        Deadline deadline = Deadline.in(TIMEOUT);
        while (true) {
            try {
                // For an unknown topic, listOffsets would log an error; describeTopics does not.
                admin.describeTopics(topics).allTopicNames().get();
                // Only a leader answers. The client retries until there is one.
                admin.listOffsets(partitions).all().get();
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || !deadline.sleep(RETRY_INTERVAL)) {
                    throw e;
                }
            }
        }
    }
}
