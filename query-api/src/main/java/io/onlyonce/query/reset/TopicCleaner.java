package io.onlyonce.query.reset;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.KafkaClients;
import java.time.Duration;
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

/** Aborts the open transactions and deletes the records of all topics of the system. */
@Component
final class TopicCleaner {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

    private final KafkaClients kafka;

    TopicCleaner(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /**
     * Aborts the open transactions by fencing their producers, so that a producer that returns cannot commit them. The
     * caller has paused intake and stopped the stream. Therefore, open transactions belong to processes that have died.
     *
     * @return the number of open transactions
     */
    int abortTransactions(Deadline deadline) throws InterruptedException {
        var ongoing = new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
        Set<String> transactionalIds = kafka
                .request(admin -> admin.listTransactions(ongoing).all())
                .stream()
                .map(TransactionListing::transactionalId)
                .collect(Collectors.toSet());
        if (!transactionalIds.isEmpty()) {
            kafka.request(
                    deadline.remaining(),
                    admin -> admin.fenceProducers(transactionalIds).all());
        }
        if (!deadline.await(POLL_INTERVAL, () -> !hasOpenTransaction())) {
            throw new UnavailableException("a transaction is still open");
        }
        return transactionalIds.size();
    }

    private boolean hasOpenTransaction() {
        return kafka.offsets(partitions()).values().stream().anyMatch(offsets -> offsets.open() > 0);
    }

    /** @return the number of deleted offsets, by topic */
    Map<String, Long> deleteRecords(Deadline deadline) {
        var offsets = kafka.offsets(partitions());
        Map<TopicPartition, RecordsToDelete> ends = offsets.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> RecordsToDelete.beforeOffset(entry.getValue().end())));
        kafka.request(deadline.remaining(), admin -> admin.deleteRecords(ends).all());
        Map<String, Long> deleted = new TreeMap<>();
        offsets.forEach((partition, log) -> deleted.merge(partition.topic(), log.length(), Long::sum));
        return deleted;
    }

    /** Returns the partitions of the standard topics, of the connectors' dead-letter topics, and of the changelogs. */
    private Collection<TopicPartition> partitions() {
        Set<String> names = Stream.concat(Topics.ALL.stream(), Topics.SINK_DEAD_LETTERS.stream())
                .collect(Collectors.toSet());
        return kafka.partitions(topic -> names.contains(topic) || topic.startsWith(ConsumerGroups.ORDER_STREAM + "-"));
    }
}
