package io.onlyonce.query.kafka;

import static org.apache.kafka.common.IsolationLevel.READ_COMMITTED;
import static org.apache.kafka.common.IsolationLevel.READ_UNCOMMITTED;

import io.onlyonce.model.Topics;
import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.web.BrokerProbe;
import jakarta.annotation.PreDestroy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
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
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;

/**
 * The admin client and the consumers of this service. Every request has a timeout. A failed request throws an {@link
 * UnavailableException}. Thread-safe.
 *
 * <p>The admin client is replaced if a request times out or fails in the client itself, because its thread can have ended,
 * for example after an OutOfMemoryError. An ended client fails all later requests.
 */
@Component
public final class KafkaClients {
    private static final int FETCH_WAIT_MILLIS = 100;
    private static final int MAX_POLL_RECORDS = 100;

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

        /** Returns whether a committed record can be at the offset. */
        public boolean contains(long offset) {
            return offset >= logStart && offset < lastStable;
        }

        /** Returns the number of offsets in the log, including transaction markers. */
        public long length() {
            return end - logStart;
        }
    }

    @Bean
    BrokerProbe brokerProbe() {
        return new BrokerProbe(bootstrapServers, Topics.ALL, this::admin);
    }

    /** Uses the configured timeout. */
    public <T> T request(Function<Admin, KafkaFuture<T>> request) {
        return request(Duration.ofMillis(timeoutMillis), request);
    }

    public <T> T request(Duration limit, Function<Admin, KafkaFuture<T>> request) {
        Admin client = null;
        try {
            client = admin();
            return request.apply(client).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (!isErrorResponse(e.getCause())) {
                discard(client);
            }
            throw unavailable(e.getCause());
        } catch (TimeoutException | IllegalStateException e) {
            discard(client);
            throw unavailable(e);
        } catch (KafkaException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            throw UnavailableException.interrupted(e);
        }
    }

    /** Whether the broker sent the error, which shows that the client works. */
    private static boolean isErrorResponse(Throwable failure) {
        return failure instanceof ApiException && !(failure instanceof org.apache.kafka.common.errors.TimeoutException);
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

    /** Returns the partitions of the topics. All of them must exist. */
    List<TopicPartition> partitionsOf(Collection<String> topics) {
        return request(kafka -> kafka.describeTopics(topics).allTopicNames()).values().stream()
                .flatMap(topic -> partitions(topic).stream())
                .toList();
    }

    static List<TopicPartition> partitions(TopicDescription topic) {
        return topic.partitions().stream()
                .map(partition -> new TopicPartition(topic.name(), partition.partition()))
                .toList();
    }

    /**
     * Reads the end before the last stable offset, so that the offsets between them belong to open transactions, or follow
     * one.
     */
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

    /** Returns the offsets of the partition if it exists. */
    public Optional<PartitionOffsets> offsets(TopicPartition partition) {
        return partitions(partition.topic()::equals).contains(partition)
                ? Optional.of(offsets(List.of(partition)).get(partition))
                : Optional.empty();
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
        return committedOffsets(Set.of(group)).get(group);
    }

    /** Returns the committed offsets of each group. */
    Map<String, Map<TopicPartition, Long>> committedOffsets(Set<String> groups) {
        Map<String, ListConsumerGroupOffsetsSpec> specs = groups.stream()
                .collect(Collectors.toMap(Function.identity(), group -> new ListConsumerGroupOffsetsSpec()));
        Map<String, Map<TopicPartition, Long>> committed = new HashMap<>();
        request(kafka -> kafka.listConsumerGroupOffsets(specs).all()).forEach((group, offsets) -> {
            Map<TopicPartition, Long> ofGroup = new HashMap<>();
            offsets.forEach((partition, offset) -> {
                if (offset != null) {
                    ofGroup.put(partition, offset.offset());
                }
            });
            committed.put(group, ofGroup);
        });
        return committed;
    }

    /** Creates a consumer of committed records; see {@link #createConsumer(String, IsolationLevel, int, int)}. */
    public Consumer<byte[], byte[]> createConsumer(String clientId, int partitionFetchBytes, int fetchBytes) {
        return createConsumer(clientId, READ_COMMITTED, partitionFetchBytes, fetchBytes);
    }

    /**
     * Creates a consumer that belongs to no group and commits no offsets. If retention deletes the next record, the
     * consumer continues with the first record that remains. The caller closes the consumer.
     *
     * @param partitionFetchBytes maximum size of a fetch from one partition. Only a single larger batch exceeds it
     * @param fetchBytes maximum size of a fetch from one broker
     */
    Consumer<byte[], byte[]> createConsumer(
            String clientId, IsolationLevel isolation, int partitionFetchBytes, int fetchBytes) {
        Map<String, Object> config = Map.ofEntries(
                Map.entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                Map.entry(ConsumerConfig.CLIENT_ID_CONFIG, clientId),
                Map.entry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString()),
                Map.entry(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false),
                Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false),
                Map.entry(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest"),
                Map.entry(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, partitionFetchBytes),
                Map.entry(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchBytes),
                // A poll holds decompressed copies of its records.
                Map.entry(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS),
                Map.entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS),
                Map.entry(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis),
                Map.entry(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, timeoutMillis));
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

    /** Closes the client in the background, because other threads can wait for its responses. */
    private synchronized void discard(Admin failed) {
        if (failed != null && failed == admin) {
            admin = null;
            Thread.startVirtualThread(() -> failed.close(Duration.ofMillis(timeoutMillis)));
        }
    }

    @PreDestroy
    synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
    }
}
