package io.onlyonce.ingest.setup;

import io.onlyonce.model.Topics;
import io.onlyonce.model.setup.TopicSetup;
import io.onlyonce.model.time.Deadline;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;

/** Creates the topics of the contract: the program of the compose service {@code kafka-setup}. */
public final class KafkaSetup {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);

    private KafkaSetup() {}

    /**
     * Reads the environment variables KAFKA_BOOTSTRAP_SERVERS (default localhost:9092), TOPIC_PARTITIONS (6) and
     * TOPIC_REPLICATION_FACTOR (1).
     */
    public static void main(String[] args) throws Exception {
        Map<String, String> environment = System.getenv();
        int partitions = Integer.parseInt(
                environment.getOrDefault("TOPIC_PARTITIONS", Integer.toString(Topics.DEFAULT_PARTITIONS)));
        int replicationFactor = Integer.parseInt(environment.getOrDefault("TOPIC_REPLICATION_FACTOR", "1"));
        try (Admin admin = connect(environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"))) {
            TopicSetup.create(admin, partitions, replicationFactor);
        }
        Topics.ALL.forEach(topic -> System.out.println("Topic " + topic + " exists"));
        System.out.println("Topics created successfully");
    }

    /**
     * Retries while no bootstrap host name can be resolved, which the client does not. In Docker, a stopped broker has
     * no host name, for example during `docker compose restart`.
     */
    private static Admin connect(String bootstrapServers) throws InterruptedException {
        Deadline deadline = Deadline.in(TIMEOUT);
        while (true) {
            try {
                return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
            } catch (KafkaException e) {
                if (!deadline.sleep(RETRY_INTERVAL)) {
                    throw e;
                }
            }
        }
    }
}
