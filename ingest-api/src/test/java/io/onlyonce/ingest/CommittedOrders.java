package io.onlyonce.ingest;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/** The committed records of the topic {@code orders}, as consumers see them. */
public final class CommittedOrders {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final String bootstrapServers;

    public CommittedOrders(String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    /** Waits until no transaction is open, then returns all records. */
    public List<ConsumerRecord<String, byte[]>> all() {
        Awaitility.await("the end of every transaction").atMost(TIMEOUT).until(() -> !isTransactionOpen());
        return readable();
    }

    /** Waits until no transaction is open, then counts the records of each order_id. */
    public Map<String, Long> counts() {
        return all().stream().collect(Collectors.groupingBy(ConsumerRecord::key, Collectors.counting()));
    }

    public ConsumerRecord<String, byte[]> only(String orderId) {
        List<ConsumerRecord<String, byte[]>> found =
                all().stream().filter(record -> record.key().equals(orderId)).toList();
        if (found.size() != 1) {
            throw new AssertionError("Expected one record of " + orderId + ", but found " + found.size());
        }
        return found.getFirst();
    }

    /** The records that are readable now, although transactions may be open. */
    public List<ConsumerRecord<String, byte[]>> readable() {
        try (KafkaConsumer<String, byte[]> consumer = consumer("read_committed")) {
            List<TopicPartition> partitions = partitions(consumer);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            return records;
        }
    }

    /** Whether an open transaction blocks consumers of committed records. */
    public boolean isTransactionOpen() {
        try (KafkaConsumer<String, byte[]> all = consumer("read_uncommitted");
                KafkaConsumer<String, byte[]> committed = consumer("read_committed")) {
            List<TopicPartition> partitions = partitions(all);
            Map<TopicPartition, Long> lastStable = committed.endOffsets(partitions);
            return !lastStable.equals(all.endOffsets(partitions));
        }
    }

    private static List<TopicPartition> partitions(KafkaConsumer<?, ?> consumer) {
        return consumer.partitionsFor("orders").stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }

    private KafkaConsumer<String, byte[]> consumer(String isolationLevel) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolationLevel),
                new StringDeserializer(),
                new ByteArrayDeserializer());
    }

    public static String text(ConsumerRecord<String, byte[]> record) {
        return new String(record.value(), StandardCharsets.UTF_8);
    }
}
