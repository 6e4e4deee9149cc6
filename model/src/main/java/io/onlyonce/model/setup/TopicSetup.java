package io.onlyonce.model.setup;

import io.onlyonce.model.Topics;
import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates topics. Each method can be called again: of an existing topic, only the timestamp type is changed, because a
 * topic from an older version can have another one. Its other settings can have been chosen by the operator.
 */
public final class TopicSetup {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(20);
    private static final String TIMESTAMP_TYPE = TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;

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
        List<NewTopic> existing = new ArrayList<>();
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
                existing.add(topic);
            }
        }
        setTimestampType(admin, existing);
        awaitLeaders(admin, topics.stream().map(NewTopic::name).toList(), created);
    }

    private static void setTimestampType(Admin admin, List<NewTopic> existing)
            throws ExecutionException, InterruptedException {
        Map<ConfigResource, String> required = new HashMap<>();
        for (NewTopic topic : existing) {
            if (topic.configs() != null && topic.configs().containsKey(TIMESTAMP_TYPE)) {
                required.put(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic.name()),
                        topic.configs().get(TIMESTAMP_TYPE));
            }
        }
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        admin.describeConfigs(required.keySet()).all().get().forEach((topic, current) -> {
            String type = required.get(topic);
            if (!current.get(TIMESTAMP_TYPE).value().equals(type)) {
                ConfigEntry entry = new ConfigEntry(TIMESTAMP_TYPE, type);
                changes.put(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET)));
            }
        });
        admin.incrementalAlterConfigs(changes).all().get();
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
