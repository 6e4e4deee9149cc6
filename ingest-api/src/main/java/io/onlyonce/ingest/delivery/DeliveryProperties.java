package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The defaults and their reasons are in {@code application.yaml}.
 *
 * @param instanceId part of the transactional ids; stable across restarts and unique among live processes
 * @param deliveryMode initial value, like {@code enableTransactions}, until {@code POST /config} changes it
 * @param answerWithin time limit of every request, from its arrival
 * @param coldMaxRequests number of waiting requests up to which {@link #maxWait} does not apply
 * @param transactionInterval minimum time between the starts of two transactions of one worker
 * @param transactionTimeout time after which the broker aborts the transaction of a terminated process
 * @param transactionMaxRecords limit of one transaction; a larger batch request gets its own transaction
 * @param recordMaxBytes limit of one record with its key and headers
 */
@ConfigurationProperties("onlyonce.delivery")
public record DeliveryProperties(
        String kafkaBootstrapServers,
        String instanceId,
        DeliveryMode deliveryMode,
        boolean enableTransactions,
        Duration answerWithin,
        int coldMaxRequests,
        int transactionWorkers,
        Duration transactionInterval,
        Duration transactionTimeout,
        int transactionMaxRecords,
        DataSize transactionMaxBytes,
        int queueMaxRequests,
        DataSize queueMaxBytes,
        DataSize recordMaxBytes) {
    public DeliveryProperties {
        require(!kafkaBootstrapServers.isBlank(), "kafka-bootstrap-servers must not be blank", kafkaBootstrapServers);
        require(instanceId.matches("[A-Za-z0-9._-]{1,64}"), "instance-id must match [A-Za-z0-9._-]{1,64}", instanceId);
        require(answerWithin.toSeconds() >= 2, "answer-within must be at least 2s", answerWithin);
        require(coldMaxRequests >= 1, "cold-max-requests must be at least 1", coldMaxRequests);
        require(
                transactionWorkers >= 1 && transactionWorkers <= 16,
                "transaction-workers must be between 1 and 16",
                transactionWorkers);
        require(!transactionInterval.isNegative(), "transaction-interval must not be negative", transactionInterval);
        require(transactionTimeout.isPositive(), "transaction-timeout must be positive", transactionTimeout);
        require(transactionMaxRecords >= 1, "transaction-max-records must be at least 1", transactionMaxRecords);
        require(queueMaxRequests >= 1, "queue-max-requests must be at least 1", queueMaxRequests);
    }

    private static void require(boolean valid, String rule, Object value) {
        if (!valid) {
            throw new IllegalArgumentException("onlyonce.delivery.%s, but was %s".formatted(rule, value));
        }
    }

    /**
     * The longest expected waiting time of a request. A request whose time is half over is rejected, because it needs the
     * other half for its transaction and its response.
     */
    public Duration maxWait() {
        return answerWithin.dividedBy(2);
    }

    String transactionalId(int worker) {
        return "ingest-" + instanceId + "-" + worker;
    }
}
