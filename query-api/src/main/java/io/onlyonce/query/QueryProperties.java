package io.onlyonce.query;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where the other parts are, and the bounds this service keeps. Defaults, with their reasons, are in application.yaml.
 *
 * @param kafkaBootstrapServers of the cluster
 * @param kafkaTimeout after which a question to Kafka is answered by "not reachable"
 * @param connectUrl of the Connect worker's REST interface
 * @param producerUrl of the ingest API
 * @param consumerUrl of the stream
 * @param benchResults the file that `lab bench` writes; it need not exist
 * @param audit bounds of an audit
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
        if (kafkaBootstrapServers == null || kafkaBootstrapServers.isBlank()) {
            throw new IllegalArgumentException("onlyonce.query.kafka-bootstrap-servers is missing");
        }
        positive("kafka-timeout", kafkaTimeout);
        http("connect-url", connectUrl);
        http("producer-url", producerUrl);
        http("consumer-url", consumerUrl);
    }

    /**
     * @param ordersPerPass that one pass holds in memory; more are audited in several passes, each over a share of the
     *     ids. 0 for as many as half the heap holds
     * @param timeLimit after which an audit gives up, and says so
     */
    public record Audit(int ordersPerPass, Duration timeLimit) {
        /** As measured, rounded up: the id, and a source, a processed record, and two rows of it. */
        private static final int BYTES_PER_ORDER = 320;

        private static final int MOST = 4_000_000;

        public Audit {
            if (ordersPerPass < 0) {
                throw new IllegalArgumentException("onlyonce.query.audit.orders-per-pass is negative");
            }
            if (ordersPerPass == 0) {
                ordersPerPass = (int) Math.min(MOST, Runtime.getRuntime().maxMemory() / 2 / BYTES_PER_ORDER);
            }
            positive("audit.time-limit", timeLimit);
        }
    }

    private static void positive(String key, Duration value) {
        if (value == null || !value.isPositive()) {
            throw new IllegalArgumentException("onlyonce.query." + key + " is " + value + ", which is not positive");
        }
    }

    private static void http(String key, URI value) {
        boolean complete =
                value != null && "http".equals(value.getScheme()) && value.getHost() != null && value.getPort() > 0;
        if (!complete) {
            throw new IllegalArgumentException(
                    "onlyonce.query." + key + " is " + value + ", which is not of the form http://HOST:PORT");
        }
    }
}
