package io.onlyonce.ingest.delivery;

import io.onlyonce.model.DeliveryMode;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/**
 * The defaults and their reasons stand in {@code application.yaml}.
 *
 * @param instanceId part of the transactional ids: the same after a restart, and no other live process's
 * @param deliveryMode until `POST /config` changes it
 * @param enableTransactions likewise
 * @param answerWithin every request is answered by then, whatever the brokers do
 * @param lanes transactional producers
 * @param transactionInterval of one lane, from the begin of a transaction to that of the next, at the least
 * @param transactionTimeout after which the broker aborts the transaction of an ingest that died
 * @param transactionMaxRecords that share one transaction; a batch may exceed it, alone
 * @param transactionMaxBytes likewise
 * @param queueMaxRequests that wait for a transaction
 * @param queueMaxBytes likewise
 * @param recordMaxBytes of one record, with its key and headers
 */
@ConfigurationProperties("onlyonce.delivery")
public record DeliveryProperties(
        String kafkaBootstrapServers,
        String instanceId,
        DeliveryMode deliveryMode,
        boolean enableTransactions,
        Duration answerWithin,
        int lanes,
        Duration transactionInterval,
        Duration transactionTimeout,
        int transactionMaxRecords,
        DataSize transactionMaxBytes,
        int queueMaxRequests,
        DataSize queueMaxBytes,
        DataSize recordMaxBytes) {
    public DeliveryProperties {
        require(!kafkaBootstrapServers.isBlank(), "kafka-bootstrap-servers", kafkaBootstrapServers);
        require(instanceId.matches("[A-Za-z0-9._-]{1,64}"), "instance-id", instanceId);
        require(answerWithin.toSeconds() >= 2, "answer-within", answerWithin);
        require(lanes >= 1 && lanes <= 16, "lanes", lanes);
        require(!transactionInterval.isNegative(), "transaction-interval", transactionInterval);
        require(transactionTimeout.isPositive(), "transaction-timeout", transactionTimeout);
        require(transactionMaxRecords >= 1, "transaction-max-records", transactionMaxRecords);
        require(queueMaxRequests >= 1, "queue-max-requests", queueMaxRequests);
    }

    private static void require(boolean holds, String key, Object value) {
        if (!holds) {
            throw new IllegalArgumentException("onlyonce.delivery.%s cannot be %s".formatted(key, value));
        }
    }

    /** Unique among the live producers of a cluster, and the same after a restart. */
    String transactionalId(int lane) {
        return "ingest-" + instanceId + "-" + lane;
    }
}
