package io.onlyonce.query.kafka;

import io.onlyonce.model.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.springframework.stereotype.Component;

/** The consumer groups of the flow: the stream's, and one a connector. */
@Component
public final class Groups {
    /** The stream's group, which is its application id. */
    public static final String STREAM = "order-stream";

    private static final String CONNECT_PREFIX = "connect-";

    /** Those of the contract, and what they read: known before a group has joined, or committed, for the first time. */
    private static final Map<String, String> SUBSCRIPTIONS = subscriptions();

    private final KafkaAccess kafka;

    Groups(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    private static Map<String, String> subscriptions() {
        Map<String, String> subscriptions = new LinkedHashMap<>();
        subscriptions.put(STREAM, Topics.ORDERS);
        subscriptions.put(CONNECT_PREFIX + "orders-sink", Topics.PROCESSED);
        subscriptions.put(CONNECT_PREFIX + "processed-messages-sink", Topics.PROCESSED);
        subscriptions.put(CONNECT_PREFIX + "duplicate-messages-sink", Topics.DUPLICATES);
        return subscriptions;
    }

    /**
     * @param state as the broker says; "Unknown" for a group that never joined
     * @param type "Classic", "Consumer" or "Streams"
     */
    record Group(String groupId, String state, String type, List<Member> members) {}

    /** @param instanceId the name that makes the membership static, else null */
    record Member(String memberId, String clientId, String host, String instanceId) {}

    /** The topics that each group reads: one for those of the contract, none known for another connector's. */
    Map<String, Set<String>> topicsByGroup() {
        Map<String, Set<String>> topics = new LinkedHashMap<>();
        SUBSCRIPTIONS.forEach((group, topic) -> topics.put(group, Set.of(topic)));
        listed().keySet().stream().sorted().forEach(group -> topics.putIfAbsent(group, Set.of()));
        return topics;
    }

    /** How many members those groups of the flow have now; none in a group that never was. */
    public int memberCount(Predicate<String> groups) {
        return describe().stream()
                .filter(described -> groups.test(described.groupId()))
                .mapToInt(described -> described.members().size())
                .sum();
    }

    List<Group> describe() {
        var listed = listed();
        var streams = ofType(listed, GroupType.STREAMS::equals);
        var others = ofType(listed, type -> type != GroupType.STREAMS);
        Map<String, Group> described = new HashMap<>();
        kafka.ask(admin -> admin.describeStreamsGroups(streams).all())
                .forEach((id, group) -> described.put(id, describe(group)));
        kafka.ask(admin -> admin.describeConsumerGroups(others).all())
                .forEach((id, group) -> described.put(id, describe(group)));
        List<Group> groups = new ArrayList<>();
        for (String id : topicsByGroup().keySet()) {
            groups.add(described.getOrDefault(id, new Group(id, GroupState.UNKNOWN.toString(), null, List.of())));
        }
        return groups;
    }

    private Map<String, GroupListing> listed() {
        return kafka.ask(admin -> admin.listGroups().all()).stream()
                .filter(group ->
                        group.groupId().equals(STREAM) || group.groupId().startsWith(CONNECT_PREFIX))
                .collect(Collectors.toMap(GroupListing::groupId, Function.identity()));
    }

    private static List<String> ofType(Map<String, GroupListing> groups, Predicate<GroupType> matches) {
        return groups.values().stream()
                .filter(group -> matches.test(group.type().orElse(GroupType.UNKNOWN)))
                .map(GroupListing::groupId)
                .toList();
    }

    private static Group describe(StreamsGroupDescription group) {
        return new Group(
                group.groupId(),
                group.groupState().toString(),
                GroupType.STREAMS.toString(),
                group.members().stream()
                        .map(member -> new Member(
                                member.memberId(),
                                member.clientId(),
                                member.clientHost(),
                                member.instanceId().orElse(null)))
                        .toList());
    }

    private static Group describe(ConsumerGroupDescription group) {
        return new Group(
                group.groupId(),
                group.groupState().toString(),
                group.type().toString(),
                group.members().stream()
                        .map(member -> new Member(
                                member.consumerId(),
                                member.clientId(),
                                member.host(),
                                member.groupInstanceId().orElse(null)))
                        .toList());
    }
}
