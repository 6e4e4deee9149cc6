package io.onlyonce.ingest.delivery;

import io.onlyonce.model.Topics;
import io.onlyonce.web.HealthCheck;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Checks each second that the topic is available, because an idle producer does not notice that the broker is down. */
@Component
final class BrokerProbe implements HealthCheck, AutoCloseable {
    private static final int TIMEOUT_MS = 2_000;

    private final String bootstrapServers;
    private volatile Optional<String> problem = Optional.of("the broker was not checked yet");
    private Admin admin;

    BrokerProbe(DeliveryProperties properties) {
        bootstrapServers = properties.kafkaBootstrapServers();
    }

    @Scheduled(fixedDelay = 1_000)
    synchronized void check() throws InterruptedException {
        try {
            if (admin == null) {
                admin = Admin.create(Map.of(
                        AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS,
                        AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500));
            }
            admin.describeTopics(List.of(Topics.ORDERS)).allTopicNames().get();
            problem = Optional.empty();
        } catch (ExecutionException | KafkaException e) {
            problem = Optional.of("topic " + Topics.ORDERS + ": "
                    + NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        }
    }

    @Override
    public Optional<String> problem() {
        return problem;
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close();
        }
    }
}
