package io.onlyonce.stream.runtime;

import io.onlyonce.stream.topology.OrderTopology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
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

/** The changelog topic of the dedup store. The local store is a copy of it. */
final class Changelog {
    private static final String NAME = OrderTopology.CHANGELOG;

    private final Admin admin;

    Changelog(Admin admin) {
        this.admin = admin;
    }

    /**
     * Prepares the topic for a start of the topology.
     *
     * @return false if the topic is empty, because a reset has emptied it or because nothing was written to it yet
     */
    boolean prepare(Duration retention) {
        try {
            TopicDescription topic =
                    admin.describeTopics(List.of(NAME)).allTopicNames().get().get(NAME);
            applyRetention(retention);
            return offsets(topic, OffsetSpec.earliest()) < offsets(topic, OffsetSpec.latest());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw new KafkaException("Cannot prepare " + NAME, e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /**
     * Kafka Streams sets the retention only when it creates the topic. Reads it first, because a change needs the active
     * controller, and a start must not depend on it.
     */
    private void applyRetention(Duration retention) throws ExecutionException, InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, NAME);
        String retentionMs = OrderTopology.changelogConfig(retention).get(TopicConfig.RETENTION_MS_CONFIG);
        Config current = admin.describeConfigs(List.of(topic)).all().get().get(topic);
        if (current.get(TopicConfig.RETENTION_MS_CONFIG).value().equals(retentionMs)) {
            return;
        }
        ConfigEntry entry = new ConfigEntry(TopicConfig.RETENTION_MS_CONFIG, retentionMs);
        admin.incrementalAlterConfigs(Map.of(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                .all()
                .get();
    }

    /** Returns the sum of the offsets of all partitions. */
    private long offsets(TopicDescription topic, OffsetSpec spec) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> partitions = topic.partitions().stream()
                .collect(Collectors.toMap(partition -> new TopicPartition(NAME, partition.partition()), _ -> spec));
        return admin.listOffsets(partitions).all().get().values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }
}
