package io.onlyonce.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics of the contract; those that exist are left as they are. */
public final class TopicSetup {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration ASK_AGAIN = Duration.ofMillis(20);

    private TopicSetup() {}

    /**
     * Returns when every topic of the contract exists. May be called again.
     *
     * @throws ExecutionException with the broker's reason, for example fewer brokers than replicas
     */
    public static void create(Admin admin, int partitions, int replicationFactor)
            throws ExecutionException, InterruptedException {
        create(admin, Topics.specifications(partitions, replicationFactor));
    }

    /**
     * Returns when every one of the topics exists, and each partition that was created has a leader that works. Without
     * that, an idempotent producer can lose its first batch of a partition: the leader refuses it and takes the second
     * (KAFKA-15591, of this broker's version still).
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
        awaitLeaders(admin, created);
    }

    /** A broker may not know yet of a topic that the controller has created: a client takes that for final. */
    private static void awaitLeaders(Admin admin, Map<TopicPartition, OffsetSpec> partitions)
            throws ExecutionException, InterruptedException {
        Set<String> topics =
                partitions.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                // First: of a topic that is not known, the next call would say so as an error in the log.
                admin.describeTopics(topics).allTopicNames().get();
                // Only a leader answers; a client asks until there is one.
                admin.listOffsets(partitions).all().get();
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || Instant.now().isAfter(end)) {
                    throw e;
                }
                Thread.sleep(ASK_AGAIN);
            }
        }
    }

    /**
     * The compose service {@code kafka-setup}. Reads KAFKA_BOOTSTRAP_SERVERS, TOPIC_PARTITIONS (6) and
     * TOPIC_REPLICATION_FACTOR (1).
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> environment = System.getenv();
        String bootstrapServers = environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092");
        int partitions = Integer.parseInt(
                environment.getOrDefault("TOPIC_PARTITIONS", Integer.toString(Topics.DEFAULT_PARTITIONS)));
        int replicationFactor = Integer.parseInt(environment.getOrDefault("TOPIC_REPLICATION_FACTOR", "1"));
        try (Admin admin = connect(bootstrapServers)) {
            create(admin, partitions, replicationFactor);
        }
        for (String topic : Topics.ALL) {
            System.out.println("Topic " + topic + " exists");
        }
        System.out.println("Topics created successfully");
    }

    /**
     * A client waits for brokers that do not answer, but not for names that do not resolve; in Docker a broker has none
     * while its container is down, as in `docker compose restart`.
     */
    private static Admin connect(String bootstrapServers) throws InterruptedException {
        Map<String, Object> config = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis());
        Instant end = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                return Admin.create(config);
            } catch (KafkaException e) {
                if (Instant.now().isAfter(end)) {
                    throw e;
                }
                Thread.sleep(Duration.ofMillis(500));
            }
        }
    }
}
