package io.onlyonce.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topic that the dedup memory is restored from: it is the truth, the local store a copy. */
final class Changelog {
    private final Admin admin;

    Changelog(Admin admin) {
        this.admin = admin;
    }

    /** Whether there is nothing in it: it was emptied by a reset, or has never been written. */
    boolean isEmpty() {
        try {
            TopicDescription topic = admin.describeTopics(List.of(OrderTopology.CHANGELOG))
                    .allTopicNames()
                    .get()
                    .get(OrderTopology.CHANGELOG);
            List<TopicPartition> partitions = topic.partitions().stream()
                    .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                    .toList();
            Map<TopicPartition, Long> first = offsets(partitions, OffsetSpec.earliest());
            return first.equals(offsets(partitions, OffsetSpec.latest()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return true;
            }
            throw new KafkaException("cannot look at " + OrderTopology.CHANGELOG, e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Kafka Streams sets a topic's retention when it creates it, not when the setting changes later. */
    void applyRetention(Duration retention) {
        String wanted = OrderTopology.changelogConfig(retention).get(TopicConfig.RETENTION_MS_CONFIG);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, OrderTopology.CHANGELOG);
        try {
            String actual = admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(TopicConfig.RETENTION_MS_CONFIG)
                    .value();
            if (!wanted.equals(actual)) {
                AlterConfigOp set = new AlterConfigOp(
                        new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, wanted), AlterConfigOp.OpType.SET);
                admin.incrementalAlterConfigs(Map.of(resource, List.of(set)))
                        .all()
                        .get();
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                throw new KafkaException("cannot set the retention of " + OrderTopology.CHANGELOG, e.getCause());
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, ListOffsetsResultInfo> found = admin.listOffsets(
                        partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> spec)))
                .all()
                .get();
        return found.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }
}
