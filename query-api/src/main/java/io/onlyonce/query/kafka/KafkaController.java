package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.swagger.v3.oas.annotations.Operation;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/kafka")
final class KafkaController {
    private final KafkaAccess kafka;
    private final Groups groups;
    private final Lag lag;

    KafkaController(KafkaAccess kafka, Groups groups, Lag lag) {
        this.kafka = kafka;
        this.groups = groups;
        this.lag = lag;
    }

    record TopicList(List<Topic> topics) {}

    /** @param offsets from the log's start to its end: records, and the markers of their transactions */
    record Topic(String name, int partitionCount, int replicationFactor, long offsets, List<Partition> partitions) {}

    /**
     * @param lastStableOffset up to here every transaction has ended
     * @param openOffsets what waits for a transaction to end
     */
    record Partition(int partition, long logStartOffset, long lastStableOffset, long endOffset, long openOffsets) {}

    record GroupList(List<Groups.Group> consumerGroups) {}

    /** @param totalLag over all groups */
    record LagReport(long totalLag, List<GroupLag> consumerGroups) {}

    @GetMapping("/topics")
    @Operation(summary = "The topics of the cluster, and where each partition begins, is stable up to, and ends")
    TopicList topics() {
        var descriptions = kafka.topics().values().stream()
                .sorted(comparing(TopicDescription::name))
                .toList();
        var offsets = kafka.offsets(descriptions.stream()
                .flatMap(topic -> KafkaAccess.partitions(topic).stream())
                .toList());
        List<Topic> topics = new ArrayList<>();
        for (TopicDescription topic : descriptions) {
            var partitions = KafkaAccess.partitions(topic).stream()
                    .map(partition -> partition(partition, offsets.get(partition)))
                    .toList();
            topics.add(new Topic(
                    topic.name(),
                    partitions.size(),
                    topic.partitions().getFirst().replicas().size(),
                    partitions.stream()
                            .mapToLong(partition -> partition.endOffset() - partition.logStartOffset())
                            .sum(),
                    partitions));
        }
        return new TopicList(topics);
    }

    private static Partition partition(TopicPartition partition, PartitionOffsets offsets) {
        return new Partition(
                partition.partition(), offsets.logStart(), offsets.lastStable(), offsets.end(), offsets.open());
    }

    @GetMapping("/consumer-groups")
    @Operation(summary = "The groups of the stream and of the connectors, with their members")
    GroupList consumerGroups() {
        return new GroupList(groups.describe());
    }

    @GetMapping("/lag")
    @Operation(
            summary = "How far each group is behind the last stable offset; 0 where no record is left to read, "
                    + "whatever markers are")
    LagReport lag() {
        var lags = lag.measure();
        return new LagReport(lags.stream().mapToLong(GroupLag::totalLag).sum(), lags);
    }
}
