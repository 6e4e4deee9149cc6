package io.onlyonce.query.kafka;

import static org.apache.kafka.common.IsolationLevel.READ_COMMITTED;
import static org.apache.kafka.common.IsolationLevel.READ_UNCOMMITTED;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.BrokerProbe;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/**
 * The admin client and the consumers of this service. Every request has a timeout. A failed request throws an {@link
 * UnavailableException}. Thread-safe.
 */
@Component
public final class KafkaClients {
    private static final int FETCH_WAIT_MILLIS = 100;

    private final String bootstrapServers;
    private final int timeoutMillis;
    private Admin admin;

    KafkaClients(QueryProperties properties) {
        this.bootstrapServers = properties.kafkaBootstrapServers();
        this.timeoutMillis = (int) properties.kafkaTimeout().toMillis();
    }

    /**
     * @param logStart the first offset that retention has not deleted
     * @param lastStable the last stable offset, where consumers of committed records stop
     * @param end the offset of the next record
     */
    public record PartitionOffsets(long logStart, long lastStable, long end) {
        /** Returns the number of offsets after the first open transaction began. */
        public long open() {
            return end - lastStable;
        }

        /** Returns the number of offsets in the log, including transaction markers. */
        public long length() {
            return end - logStart;
        }
    }

    @Bean
    BrokerProbe brokerProbe() {
        return new BrokerProbe(bootstrapServers, List.of(), this::admin);
    }

    /** Uses the configured timeout. */
    public <T> T request(Function<Admin, KafkaFuture<T>> request) {
        return request(Duration.ofMillis(timeoutMillis), request);
    }

    public <T> T request(Duration limit, Function<Admin, KafkaFuture<T>> request) {
        try {
            return request.apply(admin()).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw unavailable(e.getCause());
        } catch (TimeoutException | KafkaException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    /** Returns all topics except the internal topics of Kafka. */
    public Map<String, TopicDescription> topics() {
        var names = request(kafka -> kafka.listTopics().names());
        return request(kafka -> kafka.describeTopics(names).allTopicNames());
    }

    public List<TopicPartition> partitions(Predicate<String> topicNames) {
        return topics().values().stream()
                .filter(topic -> topicNames.test(topic.name()))
                .flatMap(topic -> partitions(topic).stream())
                .toList();
    }

    static List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                .toList();
    }

    /** Reads the end before the last stable offset, so that the offsets between them belong to open transactions. */
    public Map<TopicPartition, PartitionOffsets> offsets(Collection<TopicPartition> partitions) {
        var starts = listOffsets(partitions, OffsetSpec.earliest(), READ_UNCOMMITTED);
        var ends = listOffsets(partitions, OffsetSpec.latest(), READ_UNCOMMITTED);
        var stable = listOffsets(partitions, OffsetSpec.latest(), READ_COMMITTED);
        Map<TopicPartition, PartitionOffsets> offsets = new HashMap<>();
        for (TopicPartition partition : partitions) {
            long lastStable = stable.get(partition).offset();
            long end = Math.max(lastStable, ends.get(partition).offset());
            offsets.put(partition, new PartitionOffsets(starts.get(partition).offset(), lastStable, end));
        }
        return offsets;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> listOffsets(
            Collection<TopicPartition> partitions, OffsetSpec offset, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> specs =
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> offset));
        return request(kafka ->
                kafka.listOffsets(specs, new ListOffsetsOptions(isolation)).all());
    }

    /** Returns the committed offsets of a group. The result is empty if the group has none or does not exist. */
    public Map<TopicPartition, Long> committedOffsets(String group) {
        var offsets = request(kafka -> kafka.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        return offsets.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    /**
     * Creates a consumer of committed records that belongs to no group and commits no offsets. If retention deletes the
     * next record, the consumer continues with the first record that remains. The caller closes the consumer.
     *
     * @param fetchBytes maximum size of a fetch from one partition
     */
    public Consumer<byte[], byte[]> createConsumer(String clientId, int fetchBytes) {
        Map<String, Object> config = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ConsumerConfig.CLIENT_ID_CONFIG, clientId,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, READ_COMMITTED.toString(),
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, fetchBytes,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Converts the failure of a client of this class. */
    public UnavailableException unavailable(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        String reason = cause.getMessage() == null ? failure.getClass().getSimpleName() : cause.getMessage();
        return unavailable(reason, failure);
    }

    /** Creates an exception with the same text as the health check. */
    public UnavailableException unavailable(String reason, Throwable cause) {
        return new UnavailableException("Kafka at " + bootstrapServers + " does not answer: " + reason, cause);
    }

    /** Creates the client at the first use, because the constructor fails while the host name cannot be resolved. */
    private synchronized Admin admin() {
        if (admin == null) {
            admin = Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                    AdminClientConfig.CLIENT_ID_CONFIG, "query-api",
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis,
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis));
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
