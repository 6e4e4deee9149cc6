package io.onlyonce.stream.runtime;

import io.onlyonce.model.ProcessingMode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings of one instance, validated at startup. application.yaml maps them to environment variables.
 *
 * @param instanceId identifies this instance in its outputs, in the consumer group, and in transactions. If a second
 *     process starts with the same id, the broker fences the first one, which terminates
 * @param stateDir contains the dedup store and the persisted mode. Each instance needs its own
 * @param advertisedUrl the URL under which the other instances reach this one
 * @param threads the number of stream threads; a number above the number of partitions has no effect
 * @param standbyReplicas the number of copies of the dedup store on other instances
 * @param transactionalStore whether the dedup store on disk contains committed entries only, so that it survives kill -9.
 *     Otherwise, Kafka Streams deletes and restores it after an unclean shutdown
 * @param retention how long an order_id stays in the dedup store. By default 7 days, like the retention of `orders`
 * @param stallTimeout the service is unhealthy if records wait and none was committed for this time
 * @param processingMode the mode of the first start. Later starts use the last mode
 */
@ConfigurationProperties("onlyonce.stream")
public record StreamSettings(
        String bootstrapServers,
        String instanceId,
        Path stateDir,
        URI advertisedUrl,
        int threads,
        int standbyReplicas,
        boolean transactionalStore,
        Duration retention,
        Duration stallTimeout,
        String processingMode) {
    /** The id becomes part of client ids, transactional ids and metrics. */
    private static final Pattern INSTANCE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public StreamSettings {
        check(bootstrapServers != null && !bootstrapServers.isBlank(), "bootstrap-servers must be set");
        check(
                instanceId != null && INSTANCE_ID.matcher(instanceId).matches(),
                "instance-id must match %s, but was \"%s\"".formatted(INSTANCE_ID, instanceId));
        check(stateDir != null, "state-dir must be set");
        check(
                advertisedUrl != null && advertisedUrl.getHost() != null && advertisedUrl.getPort() > 0,
                "advertised-url must have a scheme, a host and a port, but was \"%s\"".formatted(advertisedUrl));
        check(threads >= 1 && threads <= 64, "threads must be between 1 and 64, but was " + threads);
        check(standbyReplicas >= 0, "standby-replicas must be 0 or more, but was " + standbyReplicas);
        check(
                retention != null && retention.isPositive() && retention.compareTo(Duration.ofDays(3650)) <= 0,
                "retention must be positive and at most 3650 days, but was " + retention);
        check(
                stallTimeout != null && stallTimeout.isPositive(),
                "stall-timeout must be positive, but was " + stallTimeout);
        ProcessingMode.of(processingMode);
    }

    private static void check(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException("onlyonce.stream." + problem);
        }
    }
}
