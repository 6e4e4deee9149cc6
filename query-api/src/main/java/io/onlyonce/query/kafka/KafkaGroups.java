package io.onlyonce.query.kafka;

import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConnectorNames;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.swagger.v3.oas.annotations.Operation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The consumer groups of the stream and of the sink connectors. */
@RestController
public final class KafkaGroups {
    private final KafkaClients kafka;

    KafkaGroups(KafkaClients kafka) {
        this.kafka = kafka;
    }

    record GroupList(List<Group> consumerGroups) {}

    /**
     * @param state as the broker reports it; "Unknown" if the group does not exist
     * @param type "Classic", "Consumer" or "Streams"; null if the group does not exist
     */
    record Group(String groupId, String state, String type, List<Member> members) {}

    /** @param instanceId the {@code group.instance.id} of a static member; null for a dynamic member */
    record Member(String memberId, String clientId, String host, String instanceId) {}

    /**
     * Returns the topic that each group reads. Includes the standard groups even if they do not exist yet. The topic of
     * another connector is unknown and therefore empty.
     */
    Map<String, Optional<String>> topicsByGroup() {
        return topicsByGroup(listGroups());
    }

    private static Map<String, Optional<String>> topicsByGroup(List<GroupListing> existing) {
        Map<String, Optional<String>> topics = new LinkedHashMap<>();
        topics.put(ConsumerGroups.ORDER_STREAM, Optional.of(Topics.ORDERS));
        topics.put(ConsumerGroups.ofConnector(ConnectorNames.ORDERS), Optional.of(Topics.PROCESSED));
        topics.put(ConsumerGroups.ofConnector(ConnectorNames.PROCESSED_MESSAGES), Optional.of(Topics.PROCESSED));
        topics.put(ConsumerGroups.ofConnector(ConnectorNames.DUPLICATE_MESSAGES), Optional.of(Topics.DUPLICATES));
        existing.stream().map(GroupListing::groupId).sorted().forEach(id -> topics.putIfAbsent(id, Optional.empty()));
        return topics;
    }

    private List<GroupListing> listGroups() {
        Predicate<String> included =
                Predicate.<String>isEqual(ConsumerGroups.ORDER_STREAM).or(ConsumerGroups::isOfConnector);
        return kafka.request(admin -> admin.listGroups().all()).stream()
                .filter(group -> included.test(group.groupId()))
                .toList();
    }

    public int memberCount(Predicate<String> groupIds) {
        return describe().consumerGroups().stream()
                .filter(group -> groupIds.test(group.groupId()))
                .mapToInt(group -> group.members().size())
                .sum();
    }

    @GetMapping("/kafka/consumer-groups")
    @Operation(summary = "Lists the consumer groups of the stream and of the connectors, with their members")
    GroupList describe() {
        var existing = listGroups();
        Map<Boolean, List<String>> idsByProtocol = existing.stream()
                .collect(Collectors.partitioningBy(
                        group -> group.type().equals(Optional.of(GroupType.STREAMS)),
                        Collectors.mapping(GroupListing::groupId, Collectors.toList())));
        Map<String, Group> described = new HashMap<>();
        kafka.request(admin ->
                        admin.describeStreamsGroups(idsByProtocol.get(true)).all())
                .forEach((id, group) -> described.put(id, group(group)));
        kafka.request(admin ->
                        admin.describeConsumerGroups(idsByProtocol.get(false)).all())
                .forEach((id, group) -> described.put(id, group(group)));
        return new GroupList(topicsByGroup(existing).keySet().stream()
                .map(id -> described.getOrDefault(id, new Group(id, GroupState.UNKNOWN.toString(), null, List.of())))
                .toList());
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
}
