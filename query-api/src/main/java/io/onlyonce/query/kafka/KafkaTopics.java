package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.swagger.v3.oas.annotations.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class KafkaTopics {
    private final KafkaClients kafka;

    KafkaTopics(KafkaClients kafka) {
        this.kafka = kafka;
    }

    record TopicList(List<Topic> topics) {}

    /** @param offsets number of offsets in the log, including transaction markers */
    record Topic(String name, int partitionCount, int replicationFactor, long offsets, List<Partition> partitions) {}

    /** @param openOffsets number of offsets between the last stable offset and the end of the log */
    record Partition(int partition, long logStartOffset, long lastStableOffset, long endOffset, long openOffsets) {}

    @GetMapping("/kafka/topics")
    @Operation(summary = "Lists the topics with the log start, last stable and end offset of each partition")
    TopicList topics() {
        var descriptions = kafka.topics().values().stream()
                .sorted(comparing(TopicDescription::name))
                .toList();
        var offsets = kafka.offsets(descriptions.stream()
                .flatMap(topic -> KafkaClients.partitions(topic).stream())
                .toList());
        return new TopicList(
                descriptions.stream().map(topic -> topic(topic, offsets)).toList());
    }

    private static Topic topic(TopicDescription topic, Map<TopicPartition, PartitionOffsets> offsets) {
        List<Partition> partitions = new ArrayList<>();
        long length = 0;
        for (TopicPartition partition : KafkaClients.partitions(topic)) {
            PartitionOffsets log = offsets.get(partition);
            length += log.length();
            partitions.add(
                    new Partition(partition.partition(), log.logStart(), log.lastStable(), log.end(), log.open()));
        }
        int replicationFactor = topic.partitions().getFirst().replicas().size();
        return new Topic(topic.name(), partitions.size(), replicationFactor, length, partitions);
    }
}
