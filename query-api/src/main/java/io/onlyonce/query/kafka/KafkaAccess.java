package io.onlyonce.query.kafka;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.stereotype.Component;

/** The one way to Kafka: every question is bounded in time, and one that fails is an {@link UnavailableException}. */
@Component
public final class KafkaAccess {
    private final String bootstrapServers;
    private final Duration timeout;
    private Admin admin;

    KafkaAccess(QueryProperties properties) {
        this.bootstrapServers = properties.kafkaBootstrapServers();
        this.timeout = properties.kafkaTimeout();
    }

    /** @return what Kafka answers within the configured time */
    public <T> T ask(Function<Admin, KafkaFuture<T>> question) {
        return ask(timeout, question);
    }

    /** @return what Kafka answers within the limit */
    public <T> T ask(Duration limit, Function<Admin, KafkaFuture<T>> question) {
        try {
            return question.apply(admin()).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unavailable(e.getCause());
        } catch (TimeoutException | KafkaException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unavailable(e);
        }
    }

    /** All topics but Kafka's internal ones. */
    public Map<String, TopicDescription> topics() {
        var names = ask(kafka -> kafka.listTopics().names());
        return ask(kafka -> kafka.describeTopics(names).allTopicNames());
    }

    /** @return the topic's partitions; none where the topic does not exist */
    public List<TopicPartition> partitions(String topic) {
        var names = ask(kafka -> kafka.listTopics().names());
        return names.contains(topic)
                ? partitions(ask(kafka -> kafka.describeTopics(List.of(topic)).allTopicNames())
                        .get(topic))
                : List.of();
    }

    public static List<TopicPartition> partitions(TopicDescription topic) {
        return IntStream.range(0, topic.partitions().size())
                .mapToObj(partition -> new TopicPartition(topic.name(), partition))
                .toList();
    }

    /**
     * Where each partition begins, is stable up to, and ends. The end is asked for before the last stable offset: what
     * lies between the two was not committed for at least that long.
     */
    public Map<TopicPartition, PartitionOffsets> offsets(Collection<TopicPartition> partitions) {
        var starts = list(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        var ends = list(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
        var stable = list(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
        Map<TopicPartition, PartitionOffsets> offsets = new HashMap<>();
        for (TopicPartition partition : partitions) {
            long lastStable = stable.get(partition).offset();
            offsets.put(
                    partition,
                    new PartitionOffsets(
                            starts.get(partition).offset(),
                            lastStable,
                            Math.max(lastStable, ends.get(partition).offset())));
        }
        return offsets;
    }

    /** The offsets that a group has committed; empty where the group never did, or is not known. */
    public Map<TopicPartition, Long> committed(String group) {
        var offsets = ask(kafka -> kafka.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        return offsets.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    /**
     * A consumer of committed records that belongs to no group and commits nothing. It is the caller's to close, and
     * for one thread at a time.
     *
     * @param fetchBytes fetched of one partition at a time
     */
    public Consumer<byte[], byte[]> committedRecords(String clientId, int fetchBytes) {
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.CLIENT_ID_CONFIG,
                clientId,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                IsolationLevel.READ_COMMITTED.toString(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                false,
                // Retention may overtake a reader: it goes on at what is left.
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                fetchBytes,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                100,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) timeout.toMillis(),
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) timeout.toMillis());
        try {
            return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw unavailable(e);
        }
    }

    /** The failure of a consumer from here, as this service's clients read it. */
    public static UnavailableException unavailable(Throwable cause) {
        String reason =
                cause.getCause() == null ? cause.getMessage() : cause.getCause().getMessage();
        return new UnavailableException(
                "Kafka does not answer: " + (reason == null ? cause.getClass().getSimpleName() : reason), cause);
    }

    private Map<TopicPartition, ListOffsetsResultInfo> list(
            Collection<TopicPartition> partitions, OffsetSpec offset, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> request =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> offset));
        return ask(kafka ->
                kafka.listOffsets(request, new ListOffsetsOptions(isolation)).all());
    }

    /** Made at the first use, not at the start: a broker whose name does not resolve yet is no reason not to start. */
    private synchronized Admin admin() {
        if (admin == null) {
            int millis = (int) timeout.toMillis();
            admin = Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                    AdminClientConfig.CLIENT_ID_CONFIG, "query-api",
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis,
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis));
        }
        return admin;
    }

    @PreDestroy
    synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
    }
}
