package io.onlyonce.web;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.springframework.core.NestedExceptionUtils;

/**
 * Health check of the Kafka cluster: sends one request for each call of {@link #problem()}. An idle Kafka client, a
 * Kafka Streams instance for example, does not report that its brokers are down. Thread-safe.
 */
public final class BrokerProbe implements HealthCheck {
    private static final int TIMEOUT_MS = 900;

    private final String bootstrapServers;
    private final List<String> topics;
    private final Supplier<Admin> admin;

    /**
     * @param admin called for each probe, so that a client whose creation failed (a host name that cannot be resolved)
     *     can be created later; the caller closes the client
     * @param topics that must exist; can be empty
     */
    public BrokerProbe(String bootstrapServers, List<String> topics, Supplier<Admin> admin) {
        this.bootstrapServers = bootstrapServers;
        this.topics = List.copyOf(topics);
        this.admin = admin;
    }

    @Override
    public Optional<String> problem() {
        try {
            request(admin.get()).get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(
                    e.getCause() instanceof UnknownTopicOrPartitionException
                            ? "Not all of the topics " + topics + " exist"
                            : noAnswer(e.getCause().getMessage()));
        } catch (TimeoutException e) {
            return Optional.of(noAnswer("timeout after " + TIMEOUT_MS + " ms"));
        } catch (RuntimeException e) {
            return Optional.of(
                    noAnswer(NestedExceptionUtils.getMostSpecificCause(e).getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of(noAnswer("interrupted"));
        }
    }

    private KafkaFuture<?> request(Admin client) {
        return topics.isEmpty()
                ? client.describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MS))
                        .nodes()
                : client.describeTopics(topics, new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                        .allTopicNames();
    }

    private String noAnswer(String reason) {
        return "Kafka at " + bootstrapServers + " does not answer: " + reason;
    }
}
