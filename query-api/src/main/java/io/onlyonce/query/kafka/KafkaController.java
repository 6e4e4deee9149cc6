package io.onlyonce.query.kafka;

import static java.util.Comparator.comparing;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.kafka.Sink;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The topics, and the consumer groups of the stream and of the sink connectors. */
@RestController
@Tag(name = "Kafka", description = "Topics, consumer groups and lag")
public final class KafkaController {
    private final KafkaClients kafka;
    private final Sink sink;

    KafkaController(KafkaClients kafka, QueryProperties properties) {
        this.kafka = kafka;
        this.sink = properties.selectedSink();
    }

    record GroupList(List<Group> consumerGroups) {}

    /**
     * @param state as the broker reports it; "Unknown" if the group does not exist
     * @param type "Classic", "Consumer" or "Streams"; null if the group does not exist
     */
    record Group(String groupId, String state, @Nullable String type, List<Member> members) {}

    /** @param instanceId the {@code group.instance.id} of a static member; null for a dynamic member */
    record Member(
            String memberId,
            String clientId,
            String host,
            @Nullable String instanceId) {}

    record TopicList(List<Topic> topics) {}

    /** @param offsets number of offsets in the log, including transaction markers */
    record Topic(String name, int partitionCount, int replicationFactor, long offsets, List<Partition> partitions) {}

    /** @param openOffsets number of offsets between the last stable offset and the end of the log */
    record Partition(int partition, long logStartOffset, long lastStableOffset, long endOffset, long openOffsets) {}

    /**
     * Returns the topics that each group reads. Includes the standard groups even if they do not exist yet. The topics of
     * another connector are unknown and therefore empty.
     */
    Map<String, Set<String>> topicsByGroup() {
        return topicsByGroup(listGroups().stream().map(GroupListing::groupId).toList());
    }

    private Map<String, Set<String>> topicsByGroup(List<String> existing) {
        Map<String, Set<String>> topics = new LinkedHashMap<>();
        topics.put(ConsumerGroups.ORDER_STREAM, Set.of(Topics.ORDERS));
        topics.putAll(sink.topicsByGroup());
        existing.forEach(id -> topics.putIfAbsent(id, Set.of()));
        return topics;
    }

    private List<GroupListing> listGroups() {
        return kafka.request(admin -> admin.listGroups().all()).stream()
                .filter(group -> group.groupId().equals(ConsumerGroups.ORDER_STREAM)
                        || ConsumerGroups.isOfConnector(group.groupId()))
                .sorted(comparing(GroupListing::groupId))
                .toList();
    }

    public int memberCount(Predicate<String> groupIds) {
        return describe().consumerGroups().stream()
                .filter(group -> groupIds.test(group.groupId()))
                .mapToInt(group -> group.members().size())
                .sum();
    }

    @GetMapping("/kafka/consumer-groups")
    @Operation(
            operationId = "listConsumerGroups",
            summary = "Lists the consumer groups of the stream and of the connectors, with their members")
    GroupList describe() {
        var existing = listGroups();
        var streams = ids(existing, KafkaController::isStreams);
        var others = ids(existing, group -> !isStreams(group));
        Map<String, Group> described = new HashMap<>();
        if (!others.isEmpty()) {
            kafka.request(admin -> admin.describeConsumerGroups(others).all())
                    .forEach((id, group) -> described.put(id, group(group)));
        }
        // Another request type: Kafka reports a group of Kafka Streams' own protocol (KIP-1071) as unknown otherwise.
        if (!streams.isEmpty()) {
            kafka.request(admin -> admin.describeStreamsGroups(streams).all())
                    .forEach((id, group) -> described.put(id, group(group)));
        }
        return new GroupList(topicsByGroup(ids(existing, group -> true)).keySet().stream()
                .map(id -> described.getOrDefault(id, new Group(id, GroupState.UNKNOWN.toString(), null, List.of())))
                .toList());
    }

    private static boolean isStreams(GroupListing group) {
        return group.type().filter(GroupType.STREAMS::equals).isPresent();
    }

    private static List<String> ids(List<GroupListing> groups, Predicate<GroupListing> condition) {
        return groups.stream().filter(condition).map(GroupListing::groupId).toList();
    }

    private static Group group(StreamsGroupDescription group) {
        var members = group.members().stream()
                .map(member -> new Member(
                        member.memberId(),
                        member.clientId(),
                        member.clientHost(),
                        member.instanceId().orElse(null)))
                .toList();
        return new Group(group.groupId(), group.groupState().toString(), GroupType.STREAMS.toString(), members);
    }

    private static Group group(ConsumerGroupDescription group) {
        var members = group.members().stream()
                .map(member -> new Member(
                        member.consumerId(),
                        member.clientId(),
                        member.host(),
                        member.groupInstanceId().orElse(null)))
                .toList();
        return new Group(
                group.groupId(), group.groupState().toString(), group.type().toString(), members);
    }

    @GetMapping("/kafka/topics")
    @Operation(
            operationId = "listTopics",
            summary = "Lists the topics with the log start, last stable and end offset of each partition")
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
