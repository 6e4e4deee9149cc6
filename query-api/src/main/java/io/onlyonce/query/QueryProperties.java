package io.onlyonce.query;

import io.onlyonce.model.kafka.Sink;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * The addresses of the other components and the limits of this service. The defaults, with their reasons, are in
 * application.yaml.
 *
 * @param kafkaTimeout limit of each request to Kafka
 * @param producerUrl address of the ingest API
 * @param consumerUrl address of the order stream
 * @param sink the name of the sink whose connectors fill the tables
 * @param traceUrl the address of a trace, without its id at the end; empty if traces are not stored
 * @param benchResults the file that `lab bench` writes; can be missing
 */
@ConfigurationProperties("onlyonce.query")
public record QueryProperties(
        String kafkaBootstrapServers,
        Duration kafkaTimeout,
        URI connectUrl,
        URI producerUrl,
        URI consumerUrl,
        String sink,
        String traceUrl,
        Path benchResults,
        Audit audit,
        Control control) {
    public QueryProperties {
        Assert.hasText(kafkaBootstrapServers, "onlyonce.query.kafka-bootstrap-servers must not be empty");
        requirePositive("kafka-timeout", kafkaTimeout);
        requireHttp("connect-url", connectUrl);
        requireHttp("producer-url", producerUrl);
        requireHttp("consumer-url", consumerUrl);
        Sink.of(sink);
        Assert.isTrue(
                traceUrl.isEmpty() || traceUrl.startsWith("http://") || traceUrl.startsWith("https://"),
                "onlyonce.query.trace-url must be empty or start with http:// or https://, but was " + traceUrl);
    }

    /** Returns the sink whose connectors fill the tables. */
    public Sink selectedSink() {
        return Sink.of(sink);
    }

    /**
     * @param bytesPerPass maximum memory of one pass; the audit uses several passes if the orders need more. 0 selects a
     *     third of the maximum heap size
     * @param timeLimit time after which an audit fails
     */
    public record Audit(DataSize bytesPerPass, Duration timeLimit) {
        public Audit {
            Assert.isTrue(
                    bytesPerPass != null && !bytesPerPass.isNegative(),
                    "onlyonce.query.audit.bytes-per-pass must not be negative, but was " + bytesPerPass);
            if (bytesPerPass.toBytes() == 0) {
                bytesPerPass = DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 3);
            }
            requirePositive("audit.time-limit", timeLimit);
        }
    }

    /**
     * @param program starts and kills components, with an action and a name as arguments; empty if this service cannot do it
     * @param startCommand the command with which the user starts a component, without its name
     */
    public record Control(String program, String startCommand) {}

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
