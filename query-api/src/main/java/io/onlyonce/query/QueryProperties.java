package io.onlyonce.query;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.Assert;

/**
 * The addresses of the other components and the limits of this service. The defaults, with their reasons, are in
 * application.yaml.
 *
 * @param kafkaTimeout limit of each request to Kafka
 * @param producerUrl address of the ingest API
 * @param consumerUrl address of the order stream
 * @param benchResults the file that `lab bench` writes; can be missing
 */
@ConfigurationProperties("onlyonce.query")
public record QueryProperties(
        String kafkaBootstrapServers,
        Duration kafkaTimeout,
        URI connectUrl,
        URI producerUrl,
        URI consumerUrl,
        Path benchResults,
        Audit audit) {
    public QueryProperties {
        Assert.hasText(kafkaBootstrapServers, "onlyonce.query.kafka-bootstrap-servers must not be empty");
        requirePositive("kafka-timeout", kafkaTimeout);
        requireHttp("connect-url", connectUrl);
        requireHttp("producer-url", producerUrl);
        requireHttp("consumer-url", consumerUrl);
    }

    /**
     * @param ordersPerPass maximum number of orders that one pass holds in memory; the audit uses several passes for
     *     more orders. 0 derives the number from the maximum heap size
     * @param timeLimit time after which an audit fails
     */
    public record Audit(int ordersPerPass, Duration timeLimit) {
        /** Measured and rounded up: the id, one source record, one processed record, and two rows. */
        private static final int BYTES_PER_ORDER = 320;

        private static final int MAX_ORDERS_PER_PASS = 4_000_000;

        public Audit {
            Assert.isTrue(
                    ordersPerPass >= 0,
                    "onlyonce.query.audit.orders-per-pass must not be negative, but was " + ordersPerPass);
            if (ordersPerPass == 0) {
                ordersPerPass =
                        (int) Math.min(MAX_ORDERS_PER_PASS, Runtime.getRuntime().maxMemory() / 2 / BYTES_PER_ORDER);
            }
            requirePositive("audit.time-limit", timeLimit);
        }
    }

    private static void requirePositive(String key, Duration value) {
        Assert.isTrue(
                value != null && value.isPositive(),
                () -> "onlyonce.query." + key + " must be positive, but was " + value);
    }

    private static void requireHttp(String key, URI value) {
        Assert.isTrue(
                value != null && "http".equals(value.getScheme()) && value.getHost() != null && value.getPort() > 0,
                () -> "onlyonce.query." + key + " must have the form http://HOST:PORT, but was " + value);
    }
}
