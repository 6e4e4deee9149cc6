package io.onlyonce.ingest.delivery;

import io.onlyonce.model.Topics;
import io.onlyonce.web.HealthCheck;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Asks the brokers for the topic now and then: an idle producer does not notice that they are gone. */
@Component
class BrokerProbe implements HealthCheck, AutoCloseable {
    private static final int TIMEOUT_MS = 2_000;

    private final Map<String, Object> settings;
    private volatile Optional<String> problem = Optional.of("the broker has not been asked yet");
    private Admin admin;

    BrokerProbe(DeliveryProperties properties) {
        settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                properties.kafkaBootstrapServers(),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                500);
    }

    @Scheduled(fixedDelay = 1_000)
    synchronized void ask() throws InterruptedException {
        try {
            if (admin == null) {
                admin = Admin.create(settings);
            }
            admin.describeTopics(List.of(Topics.ORDERS), new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                    .allTopicNames()
                    .get();
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
