package io.onlyonce.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates the topics of the contract; those that exist are left as they are. */
public final class TopicSetup {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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
        try (Admin admin = connect(bootstrapServers)) {
            create(admin, partitions, replicationFactor);
        }
        for (String topic : List.copyOf(Topics.ALL)) {
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
