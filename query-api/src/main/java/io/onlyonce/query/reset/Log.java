package io.onlyonce.query.reset;

import io.onlyonce.model.Topics;
import io.onlyonce.query.kafka.Groups;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.kafka.PartitionOffsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.springframework.stereotype.Component;

/** The part of a reset that happens in Kafka. */
@Component
final class Log {
    private final KafkaAccess kafka;
    private final Groups groups;

    Log(KafkaAccess kafka, Groups groups) {
        this.kafka = kafka;
        this.groups = groups;
    }

    /**
     * Whether the stream's group has any. A process that was killed stays one until its session has timed out; and an
     * instance that nobody told to stop would go on processing what is to be deleted.
     */
    boolean streamHasMembers() {
        return groups.memberCount(Groups.STREAM::equals) > 0;
    }

    /** Whether a connector's group has any: see above. */
    boolean sinkHasMembers() {
        return groups.memberCount(group -> !group.equals(Groups.STREAM)) > 0;
    }

    /**
     * Ends the transactions that are open. Intake is paused and the stream stopped, each with its own committed: an open
     * one was left by a process that is gone. Fencing its producer aborts it, and keeps a process that comes back from
     * committing what it had begun.
     */
    int endTransactions(Patience patience) {
        Set<String> open = kafka
                .ask(admin -> admin.listTransactions(
                                new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING)))
                        .all())
                .stream()
                .map(TransactionListing::transactionalId)
                .collect(Collectors.toSet());
        if (!open.isEmpty()) {
            kafka.ask(patience.left(), admin -> admin.fenceProducers(open).all());
        }
        patience.until(
                () -> kafka.offsets(partitions()).values().stream().allMatch(offsets -> offsets.open() == 0),
                "a transaction is still open");
        return open.size();
    }

    /** @return what there was, by topic */
    Map<String, Long> deleteRecords(Patience patience) {
        var offsets = kafka.offsets(partitions());
        Map<TopicPartition, RecordsToDelete> ends = offsets.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> RecordsToDelete.beforeOffset(entry.getValue().end())));
        kafka.ask(patience.left(), admin -> admin.deleteRecords(ends).all());
        Map<String, Long> removed = new TreeMap<>();
        offsets.forEach((partition, log) -> removed.merge(partition.topic(), length(log), Long::sum));
        return removed;
    }

    private static long length(PartitionOffsets offsets) {
        return offsets.end() - offsets.logStart();
    }

    /** Of the contract's topics, the connectors' dead letters, and the stream's changelog. */
    private Collection<TopicPartition> partitions() {
        Set<String> fixed = Stream.concat(Topics.ALL.stream(), Topics.SINK_DEAD_LETTERS.stream())
                .collect(Collectors.toSet());
        return kafka.topics().values().stream()
                .filter(topic -> fixed.contains(topic.name()) || topic.name().startsWith(Groups.STREAM + "-"))
                .map(KafkaAccess::partitions)
                .flatMap(Collection::stream)
                .toList();
    }
}
