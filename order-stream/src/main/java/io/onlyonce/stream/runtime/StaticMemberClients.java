package io.onlyonce.stream.runtime;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/**
 * Creates the Kafka clients of the stream threads with identities that depend on INSTANCE_ID only.
 *
 * <p>Kafka Streams appends the thread index to {@code group.instance.id} and to {@code transactional.id}. A process that
 * starts again with the same INSTANCE_ID therefore gets its partitions back and aborts the open transactions of its
 * predecessor at once. See docs/decisions/0003-recovery.md.
 */
public final class StaticMemberClients implements KafkaClientSupplier {
    /** Kafka Streams puts a random UUID, which it stores in the state directory, into each transactional.id. */
    private static final Pattern PROCESS_ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private static final int LOOKUP_TIMEOUT_MS = 10_000;

    private final String instanceId;

    /** The member ids that the group coordinator assigned, by group.instance.id. */
    private final Map<String, String> memberIds = new ConcurrentHashMap<>();

    private final Map<Object, Producer<byte[], byte[]>> producers = new ConcurrentHashMap<>();
    private volatile Admin admin;

    public StaticMemberClients(String instanceId) {
        this.instanceId = instanceId;
    }

    /** Returns after the brokers have acknowledged everything that this instance has sent. */
    public void flush() {
        producers.values().forEach(Producer::flush);
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        Map<String, Object> renamed = new HashMap<>(config);
        renamed.computeIfPresent(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                (key, id) -> PROCESS_ID.matcher((String) id).replaceFirst(instanceId));
        var producer = new KafkaProducer<>(renamed, new ByteArraySerializer(), new ByteArraySerializer());
        producers.put(config.get(ProducerConfig.CLIENT_ID_CONFIG), producer);
        return producer;
    }

    @Override
    public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
        throw new UnsupportedOperationException("The topology has no global store");
    }

    @Override
    public Admin getAdmin(Map<String, Object> config) {
        admin = Admin.create(config);
        return admin;
    }

    /**
     * Creates a consumer that joins the group again only if no other process holds its identity. A join without a member
     * id takes over a static identity. Without this check, a process that was frozen and replaced would fence its
     * replacement.
     *
     * <p>From the start of a join until its end, this process does not know its own member id: the coordinator assigns a
     * new one at the start, but the consumer reports it only at the end. If the join fails in between, because the
     * assignment fails for example, the next one is not checked.
     */
    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        String group = (String) config.get(ConsumerConfig.GROUP_ID_CONFIG);
        String groupInstanceId = (String) config.get(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()) {
            /** Reported until the end of the next join, although the coordinator has replaced it. */
            private String previousId = "";

            @Override
            public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
                String memberId = memberIds.get(groupInstanceId);
                for (MemberDescription member : memberId == null ? List.<MemberDescription>of() : members(group)) {
                    if (member.groupInstanceId().equals(Optional.of(groupInstanceId))
                            && !member.consumerId().equals(memberId)) {
                        throw new FencedInstanceIdException("%s is now held by another process: member %s on %s"
                                .formatted(groupInstanceId, member.consumerId(), member.host()));
                    }
                }
                memberIds.remove(groupInstanceId);
                previousId = groupMetadata().memberId();
                super.subscribe(topics, listener);
            }

            @Override
            public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
                try {
                    return super.poll(timeout);
                } finally {
                    String memberId = groupMetadata().memberId();
                    if (!memberId.equals(previousId)) {
                        memberIds.put(groupInstanceId, memberId);
                    }
                }
            }
        };
    }

    private Collection<MemberDescription> members(String group) {
        try {
            return admin.describeConsumerGroups(
                            List.of(group), new DescribeConsumerGroupsOptions().timeoutMs(LOOKUP_TIMEOUT_MS))
                    .describedGroups()
                    .get(group)
                    .get()
                    .members();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return List.of();
            }
            throw new KafkaException("Cannot read the members of the consumer group", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
