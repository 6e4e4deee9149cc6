package io.onlyonce.query.audit;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.kafka.PartitionOffsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;

/** Where the partitions of a topic begin and end. For one audit, and one thread. */
final class Logs {
    /** Longer than a dead stream's transaction stays open. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final KafkaAccess kafka;
    private final Map<String, List<TopicPartition>> partitions = new HashMap<>();

    Logs(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    Map<Integer, PartitionOffsets> offsets(String topic) {
        return kafka.offsets(partitions.computeIfAbsent(topic, kafka::partitions)).entrySet().stream()
                .collect(Collectors.toMap(entry -> entry.getKey().partition(), Map.Entry::getValue));
    }

    /**
     * The ends of the topic as of now, once every transaction that was open then has ended. An offset that the stream has
     * committed may become visible a moment before the outputs of the same transaction do: without waiting, these would
     * seem to be missing.
     */
    Map<Integer, Long> settledEnds(String topic, AuditClock clock) {
        Map<Integer, Long> ends = map(offsets(topic), PartitionOffsets::end);
        Duration started = clock.elapsed();
        while (true) {
            var open = offsets(topic).entrySet().stream()
                    .filter(entry -> entry.getValue().lastStable() < ends.get(entry.getKey()))
                    .findAny();
            if (open.isEmpty()) {
                return ends;
            }
            clock.check();
            if (clock.elapsed().minus(started).compareTo(PATIENCE) > 0) {
                throw new UnavailableException(
                        "%s has had a transaction open for %d s: nobody can say yet what is behind it"
                                .formatted(new TopicPartition(topic, open.get().getKey()), PATIENCE.toSeconds()),
                        null);
            }
            pause();
        }
    }

    static Map<Integer, Long> map(Map<Integer, PartitionOffsets> offsets, ToLongFunction<PartitionOffsets> value) {
        return offsets.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> value.applyAsLong(entry.getValue())));
    }

    private static void pause() {
        try {
            Thread.sleep(Duration.ofMillis(50));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("The service is stopping", e);
        }
    }
}
