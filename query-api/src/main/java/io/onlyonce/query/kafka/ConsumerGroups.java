package io.onlyonce.query.kafka;

import io.onlyonce.model.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.springframework.stereotype.Component;

/** The consumer groups of the stream and of the sink connectors. */
@Component
public final class ConsumerGroups {
    /** The group of the stream. Its id is also the application id. */
    public static final String STREAM = "order-stream";

    /** Connect names the group of a connector after the connector. */
    private static final String CONNECT_PREFIX = "connect-";

    public static final String ORDERS_SINK = CONNECT_PREFIX + "orders-sink";
    public static final String PROCESSED_SINK = CONNECT_PREFIX + "processed-messages-sink";
    private static final String DUPLICATES_SINK = CONNECT_PREFIX + "duplicate-messages-sink";

    private final KafkaClients kafka;

    ConsumerGroups(KafkaClients kafka) {
        this.kafka = kafka;
    }

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
        topics.put(STREAM, Optional.of(Topics.ORDERS));
        topics.put(ORDERS_SINK, Optional.of(Topics.PROCESSED));
        topics.put(PROCESSED_SINK, Optional.of(Topics.PROCESSED));
        topics.put(DUPLICATES_SINK, Optional.of(Topics.DUPLICATES));
        existing.stream().map(GroupListing::groupId).sorted().forEach(id -> topics.putIfAbsent(id, Optional.empty()));
        return topics;
    }

    private List<GroupListing> listGroups() {
        return kafka.request(admin -> admin.listGroups().all()).stream()
                .filter(group ->
                        group.groupId().equals(STREAM) || group.groupId().startsWith(CONNECT_PREFIX))
                .toList();
    }

    /** Returns the number of members in all groups whose id matches. */
    public int memberCount(Predicate<String> groupIds) {
        return describe().stream()
                .filter(group -> groupIds.test(group.groupId()))
                .mapToInt(group -> group.members().size())
                .sum();
    }

    List<Group> describe() {
        var existing = listGroups();
        Map<Boolean, List<String>> idsByProtocol = existing.stream()
                .collect(Collectors.partitioningBy(
                        group -> group.type().equals(Optional.of(GroupType.STREAMS)),
                        Collectors.mapping(GroupListing::groupId, Collectors.toList())));
        Map<String, Group> described = new HashMap<>();
        kafka.request(admin ->
                        admin.describeStreamsGroups(idsByProtocol.get(true)).all())
                .forEach((id, group) -> described.put(
                        id,
                        new Group(
                                id,
                                group.groupState().toString(),
                                GroupType.STREAMS.toString(),
                                group.members().stream()
                                        .map(member -> new Member(
                                                member.memberId(),
                                                member.clientId(),
                                                member.clientHost(),
                                                member.instanceId().orElse(null)))
                                        .toList())));
        kafka.request(admin ->
                        admin.describeConsumerGroups(idsByProtocol.get(false)).all())
                .forEach((id, group) -> described.put(
                        id,
                        new Group(
                                id,
                                group.groupState().toString(),
                                group.type().toString(),
                                group.members().stream()
                                        .map(member -> new Member(
                                                member.consumerId(),
                                                member.clientId(),
                                                member.host(),
                                                member.groupInstanceId().orElse(null)))
                                        .toList())));
        List<Group> groups = new ArrayList<>();
        for (String id : topicsByGroup(existing).keySet()) {
            groups.add(described.getOrDefault(id, new Group(id, GroupState.UNKNOWN.toString(), null, List.of())));
        }
        return groups;
    }
}
