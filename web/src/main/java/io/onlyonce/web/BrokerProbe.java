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
    private final Runnable succeeded;
    private final Runnable failed;

    /**
     * @param topics that must exist; can be empty
     * @param admin called for each probe; the caller replaces a failed client, and closes it
     */
    public BrokerProbe(String bootstrapServers, List<String> topics, Supplier<Admin> admin) {
        this(bootstrapServers, topics, admin, () -> {}, () -> {});
    }

    /** @param admin is replaced if the probes fail; the caller closes it */
    public BrokerProbe(String bootstrapServers, List<String> topics, KafkaAdmin admin) {
        this(bootstrapServers, topics, admin::client, admin::succeeded, admin::failed);
    }

    private BrokerProbe(
            String bootstrapServers, List<String> topics, Supplier<Admin> admin, Runnable succeeded, Runnable failed) {
        this.bootstrapServers = bootstrapServers;
        this.topics = List.copyOf(topics);
        this.admin = admin;
        this.succeeded = succeeded;
        this.failed = failed;
    }

    @Override
    public Optional<String> problem() {
        try {
            request(admin.get()).get(TIMEOUT_MS, TimeUnit.MILLISECONDS);
            succeeded.run();
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                succeeded.run();
                return Optional.of("Not all of the topics " + topics + " exist");
            }
            return noAnswer(e.getCause().getMessage());
        } catch (TimeoutException e) {
            return noAnswer("timeout after " + TIMEOUT_MS + " ms");
        } catch (RuntimeException e) {
            return noAnswer(NestedExceptionUtils.getMostSpecificCause(e).getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return noAnswer("interrupted");
        }
    }

    private KafkaFuture<?> request(Admin client) {
        return topics.isEmpty()
                ? client.describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MS))
                        .nodes()
                : client.describeTopics(topics, new DescribeTopicsOptions().timeoutMs(TIMEOUT_MS))
                        .allTopicNames();
    }

    private Optional<String> noAnswer(String reason) {
        failed.run();
        return Optional.of("Kafka at " + bootstrapServers + " does not answer: " + reason);
    }
}
