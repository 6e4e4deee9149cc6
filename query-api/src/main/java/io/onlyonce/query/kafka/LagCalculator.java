package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.SharedRuns;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Calculates the lag of the consumer groups. Uses only data of the broker, so that the result is correct even if a group
 * has no active member. Thread-safe.
 */
@RestController
@Tag(name = "Kafka")
public final class LagCalculator {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration RECENT = Duration.ofSeconds(2);

    private final KafkaClients kafka;
    private final KafkaController groups;
    /** The groups that process an order before {@code /stats} counts it, with the topics that they read. */
    private final Map<String, Set<String>> pathToTables;

    private final SharedRuns<LagReport> reports = new SharedRuns<>("calculation of the lag", cancelled -> report());

    private volatile @Nullable Dated newest;

    // The following fields are protected by the monitor of this object.
    private final LogScanner committedScanner;
    private final LogScanner uncommittedScanner;
    private final Map<String, Map<TopicPartition, Backlog>> backlogsByGroup = new HashMap<>();

    LagCalculator(KafkaClients kafka, KafkaController groups, QueryProperties properties) {
        this.kafka = kafka;
        this.groups = groups;
        this.pathToTables = pathToTables(properties.selectedSink());
        this.committedScanner = new LogScanner(kafka, IsolationLevel.READ_COMMITTED);
        this.uncommittedScanner = new LogScanner(kafka, IsolationLevel.READ_UNCOMMITTED);
    }

    private static Map<String, Set<String>> pathToTables(Sink sink) {
        Map<String, Set<String>> path = new HashMap<>(sink.topicsByGroup());
        path.put(ConsumerGroups.ORDER_STREAM, Set.of(Topics.ORDERS));
        // The figures of /stats do not depend on the table orders.
        if (!sink.ordersConnector().equals(sink.processedMessagesConnector())) {
            path.remove(ConsumerGroups.ofConnector(sink.ordersConnector()));
        }
        return path;
    }

    /** The fields have the same meaning as those of {@link GroupLag}. */
    public record LagReport(
            long totalLag,
            long recordsWaiting,
            long recordsInOpenTransactions,
            double lagSeconds,
            List<GroupLag> consumerGroups) {}

    /**
     * The sums of the fields of {@link PartitionLag}. `lagSeconds` is the maximum.
     */
    public record GroupLag(
            String consumerGroup,
            long totalLag,
            long recordsWaiting,
            long recordsInOpenTransactions,
            double lagSeconds,
            List<PartitionLag> partitions) {}

    /**
     * @param committedOffset the next offset that the group reads; null if the group has not committed an offset and
     *     therefore starts at the beginning of the log
     * @param lag number of offsets from the first unread record to the last stable offset; 0 if only transaction
     *     markers and aborted records remain
     * @param recordsWaiting number of unread records up to the last stable offset, without transaction markers; an upper
     *     bound if `lag` is more than 2,000
     * @param recordsInOpenTransactions number of records after the last stable offset. They belong to an open transaction or
     *     follow its first record, so that the group cannot read them yet
     * @param lagSeconds age of the oldest unread record, including records in open transactions; 0 if there is none
     */
    public record PartitionLag(
            String topic,
            int partition,
            @Nullable Long committedOffset,
            long logStartOffset,
            long lastStableOffset,
            long lag,
            long recordsWaiting,
            long recordsInOpenTransactions,
            double lagSeconds) {}

    @GetMapping("/kafka/lag")
    @Operation(
            operationId = "getLag",
            summary =
                    "Returns the lag of each consumer group: up to the last stable offset, in open transactions, and in "
                            + "seconds. The lag is 0 if only transaction markers remain")
    public LagReport calculate() {
        return reports.get(TIMEOUT);
    }

    /** Returns a report that is at most two seconds old, because each report reads the unread records. */
    public LagReport recent() {
        Dated last = newest;
        return last != null && System.nanoTime() - last.startedAt < RECENT.toNanos() ? last.report : calculate();
    }

    private record Dated(LagReport report, long startedAt) {}

    /**
     * Returns the number of acknowledged orders that are not in the figures of {@code /stats} yet: unread records of the
     * stream and of the sink. Counts records in open transactions, too, because a committed record can follow them.
     *
     * <p>Reads the positions of the consumers before the ends of the topics. If the result is 0, the tables therefore
     * contain everything that was acknowledged before the call.
     *
     * @param stored the offset after the last stored record of each partition of the sink's topics, if there is one. It is
     *     necessary because the connectors commit their offsets up to a second after the rows
     */
    public synchronized long ordersInFlight(Map<TopicPartition, Long> stored) {
        Set<String> allTopics =
                pathToTables.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        var partitions = kafka.partitionsOf(allTopics);
        Map<String, Set<TopicPartition>> subscriptions = new HashMap<>();
        pathToTables.forEach((group, topics) -> subscriptions.put(
                group,
                partitions.stream()
                        .filter(partition -> topics.contains(partition.topic()))
                        .collect(Collectors.toSet())));
        Measurement measured = measure(subscriptions);
        long inFlight = 0;
        for (var subscription : subscriptions.entrySet()) {
            for (TopicPartition partition : subscription.getValue()) {
                Backlog backlog = backlogsByGroup.get(subscription.getKey()).get(partition);
                inFlight += measured.records(backlog, partition, stored.getOrDefault(partition, 0L));
            }
        }
        return inFlight;
    }

    /**
     * @param open the records after the last stable offset of each partition
     * @param at the time of the measurement, in milliseconds since 1970
     */
    private record Measurement(
            Map<String, Map<TopicPartition, Long>> committed,
            Map<TopicPartition, PartitionOffsets> logs,
            Map<TopicPartition, Backlog> open,
            long at) {
        /** @param stored ignored if it is after the end of the log, because it then belongs to a deleted topic */
        long records(Backlog backlog, TopicPartition partition, long stored) {
            boolean valid = stored <= logs.get(partition).end();
            return backlog.recordsFrom(valid ? stored : 0) + open.get(partition).records();
        }

        double lagSeconds(Backlog backlog, TopicPartition partition) {
            long oldest = backlog.oldest().orElse(open.get(partition).oldest().orElse(at));
            return Math.max(0, at - oldest) / 1000.0;
        }
    }

    private synchronized LagReport report() {
        long startedAt = System.nanoTime();
        Map<String, TopicDescription> topics = kafka.topics();
        var topicsByGroup = groups.topicsByGroup();
        // The topics of other connectors are known only from their committed offsets.
        var committed = kafka.committedOffsets(topicsByGroup.keySet());
        Map<String, Set<TopicPartition>> subscriptions = new LinkedHashMap<>();
        topicsByGroup.forEach((group, names) -> {
            Set<TopicPartition> partitions =
                    new TreeSet<>(comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition));
            partitions.addAll(committed.get(group).keySet());
            names.stream()
                    .map(topics::get)
                    .filter(Objects::nonNull)
                    .forEach(topic -> partitions.addAll(KafkaClients.partitions(topic)));
            partitions.removeIf(partition -> !exists(topics.get(partition.topic()), partition));
            subscriptions.put(group, partitions);
        });
        Measurement measured = measure(subscriptions);
        List<GroupLag> lags = new ArrayList<>();
        subscriptions.forEach((group, partitions) -> lags.add(groupLag(group, partitions, measured)));
        LagReport report = new LagReport(
                sum(lags, GroupLag::totalLag),
                sum(lags, GroupLag::recordsWaiting),
                sum(lags, GroupLag::recordsInOpenTransactions),
                lags.stream().mapToDouble(GroupLag::lagSeconds).max().orElse(0),
                lags);
        newest = new Dated(report, startedAt);
        return report;
    }

    private static boolean exists(TopicDescription topic, TopicPartition partition) {
        return topic != null && partition.partition() < topic.partitions().size();
    }

    private GroupLag groupLag(String group, Set<TopicPartition> partitions, Measurement measured) {
        List<PartitionLag> lags = new ArrayList<>();
        for (TopicPartition partition : partitions) {
            Backlog backlog = backlogsByGroup.get(group).get(partition);
            PartitionOffsets log = measured.logs().get(partition);
            lags.add(new PartitionLag(
                    partition.topic(),
                    partition.partition(),
                    measured.committed().get(group).get(partition),
                    log.logStart(),
                    log.lastStable(),
                    backlog.offsets(),
                    backlog.records(),
                    measured.open().get(partition).records(),
                    measured.lagSeconds(backlog, partition)));
        }
        return new GroupLag(
                group,
                sum(lags, PartitionLag::lag),
                sum(lags, PartitionLag::recordsWaiting),
                sum(lags, PartitionLag::recordsInOpenTransactions),
                lags.stream().mapToDouble(PartitionLag::lagSeconds).max().orElse(0),
                lags);
    }

    private static <T> long sum(List<T> elements, ToLongFunction<T> value) {
        return elements.stream().mapToLong(value).sum();
    }

    /** Updates the backlogs of the groups. */
    private Measurement measure(Map<String, Set<TopicPartition>> subscriptions) {
        // Reads the committed offsets before the log offsets: otherwise, a group could appear to be ahead of the log.
        var committed = kafka.committedOffsets(subscriptions.keySet());
        Set<TopicPartition> all = new HashSet<>();
        subscriptions.values().forEach(all::addAll);
        var logs = kafka.offsets(all);
        subscriptions.forEach((group, partitions) -> {
            var backlogs = backlogsByGroup.computeIfAbsent(group, id -> new HashMap<>());
            backlogs.keySet().retainAll(partitions);
            for (TopicPartition partition : partitions) {
                PartitionOffsets log = logs.get(partition);
                long next = Math.max(committed.get(group).getOrDefault(partition, 0L), log.logStart());
                backlogs.computeIfAbsent(partition, id -> new Backlog()).moveTo(next, log.lastStable());
            }
            committedScanner.scan(backlogs);
        });
        Map<TopicPartition, Backlog> open = new HashMap<>();
        logs.forEach((partition, log) -> {
            Backlog backlog = new Backlog();
            backlog.moveTo(log.lastStable(), log.end());
            open.put(partition, backlog);
        });
        uncommittedScanner.scan(open);
        return new Measurement(committed, logs, open, System.currentTimeMillis());
    }

    @PreDestroy
    synchronized void close() {
        committedScanner.close();
        uncommittedScanner.close();
    }
}
