package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The settings of one instance of the stream, checked at start; application.yaml names the environment's variables.
 *
 * @param bootstrapServers of Kafka
 * @param instanceId who this is, in outputs, in the consumer group and in transactions. An instance that starts with the
 *     id of another takes over from it, and the other one ends
 * @param stateDir of the dedup memory and the persisted mode; belongs to this instance alone
 * @param advertisedUrl where the other instances reach this one
 * @param threads stream threads; more than partitions are of no use
 * @param standbyReplicas copies of the dedup memory that other instances keep warm
 * @param retention how long an order_id is remembered. 7 days, as long as the topic `orders` itself
 * @param processingMode of the first start; later ones go on in the mode they were in
 */
@ConfigurationProperties("onlyonce.stream")
record StreamSettings(
        String bootstrapServers,
        String instanceId,
        Path stateDir,
        URI advertisedUrl,
        int threads,
        int standbyReplicas,
        Duration retention,
        String processingMode) {
    /** It becomes part of client ids, of transactional ids and of metrics. */
    private static final Pattern INSTANCE_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    StreamSettings {
        check(bootstrapServers != null && !bootstrapServers.isBlank(), "bootstrap-servers is missing");
        check(
                instanceId != null && INSTANCE_ID.matcher(instanceId).matches(),
                "instance-id is \"%s\", wants %s".formatted(instanceId, INSTANCE_ID));
        check(stateDir != null, "state-dir is missing");
        check(
                advertisedUrl != null && advertisedUrl.getHost() != null && advertisedUrl.getPort() > 0,
                "advertised-url is \"%s\", wants scheme, host and port".formatted(advertisedUrl));
        check(threads >= 1 && threads <= 64, "threads is %d, wants 1 to 64".formatted(threads));
        check(standbyReplicas >= 0, "standby-replicas is negative");
        check(
                retention != null && retention.isPositive() && retention.compareTo(Duration.ofDays(3650)) <= 0,
                "retention is %s, wants more than 0 and at most 3650 days".formatted(retention));
        ProcessingMode.of(processingMode);
    }

    Mode initialMode() {
        return Mode.of(ProcessingMode.of(processingMode));
    }

    private static void check(boolean condition, String problem) {
        if (!condition) {
            throw new IllegalArgumentException("onlyonce.stream." + problem);
        }
    }
}
