package io.onlyonce.query.health;

import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.LagCalculator;
import io.onlyonce.query.kafka.LagCalculator.GroupLag;
import io.onlyonce.query.kafka.LagCalculator.PartitionLag;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Reports a connector that commits nothing although records wait, for example because its task or its database hangs. */
@Component
final class SinkProgress implements HealthCheck {
    /** Longer than the restart of a worker or of PostgreSQL. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final LagCalculator lag;
    private final Map<String, Progress> progress = new HashMap<>();
    private volatile List<String> problems = List.of();

    SinkProgress(LagCalculator lag) {
        this.lag = lag;
    }

    /** @param committed the committed offsets of the partitions since the time */
    private record Progress(List<Long> committed, long since) {}

    @Override
    public Optional<String> problem() {
        List<String> found = problems;
        return found.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", found));
    }

    @Scheduled(fixedDelay = 5, timeUnit = TimeUnit.SECONDS)
    void check() {
        try {
            check(lag.recent().consumerGroups(), System.nanoTime());
        } catch (UnavailableException e) {
            // Another check reports that the broker does not answer.
        }
    }

    void check(List<GroupLag> groups, long now) {
        problems = groups.stream()
                .filter(group -> ConsumerGroups.isOfConnector(group.consumerGroup()))
                .map(group -> problem(group, now))
                .filter(Objects::nonNull)
                .toList();
    }

    private String problem(GroupLag group, long now) {
        long waiting = group.recordsWaiting() + group.recordsInOpenTransactions();
        List<Long> committed = group.partitions().stream()
                .map(PartitionLag::committedOffset)
                .map(offset -> Objects.requireNonNullElse(offset, -1L))
                .toList();
        Progress last = progress.get(group.consumerGroup());
        if (waiting == 0 || last == null || !last.committed().equals(committed)) {
            progress.put(group.consumerGroup(), new Progress(committed, now));
            return null;
        }
        Duration still = Duration.ofNanos(now - last.since());
        return still.compareTo(LIMIT) <= 0
                ? null
                : "%s has committed nothing for %d s, but %d records wait"
                        .formatted(group.consumerGroup(), still.toSeconds(), waiting);
    }
}
