package io.onlyonce.query.kafka;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;

@Component
final class KafkaHealth implements HealthCheck {
    /** A check answers within a second. */
    private static final Duration LIMIT = Duration.ofMillis(800);

    private final KafkaAccess kafka;

    KafkaHealth(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    @Override
    public Optional<String> problem() {
        try {
            kafka.ask(LIMIT, admin -> admin.describeCluster().clusterId());
            return Optional.empty();
        } catch (UnavailableException e) {
            return Optional.of(e.reason());
        }
    }
}
