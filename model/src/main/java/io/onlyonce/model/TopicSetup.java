package io.onlyonce.model;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of the contract; those that exist are left as they are. */
public final class TopicSetup {
    private TopicSetup() {}

    /**
     * Returns when every topic exists. May be called again.
     *
     * @throws ExecutionException with the broker's reason, for example fewer brokers than replicas
     */
    public static void create(Admin admin, int partitions, int replicationFactor)
            throws ExecutionException, InterruptedException {
        createMissing(admin, Topics.specifications(partitions, replicationFactor));
    }

    private static void createMissing(Admin admin, Collection<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        for (var created : admin.createTopics(topics).values().values()) {
            try {
                created.get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw e;
                }
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
        Map<String, Object> config = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) Duration.ofSeconds(60).toMillis());
        try (Admin admin = Admin.create(config)) {
            create(admin, partitions, replicationFactor);
        }
        for (String topic : List.copyOf(Topics.ALL)) {
            System.out.println("Topic " + topic + " exists");
        }
        System.out.println("Topics created successfully");
    }
}
