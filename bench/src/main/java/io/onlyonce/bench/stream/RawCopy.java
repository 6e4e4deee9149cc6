package io.onlyonce.bench.stream;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.model.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The upper limit: copies records with one transaction every 100 ms, without parsing or deduplication. It has two threads
 * and the client settings of the shipped stream.
 */
final class RawCopy {
    private static final int THREADS = 2;
    private static final long COMMIT_INTERVAL_NANOS = StreamClients.COMMIT_INTERVAL.toNanos();

    private RawCopy() {}

    /** @param args bootstrap servers, group */
    public static void main(String[] args) throws InterruptedException {
        BaselineJvm.exitWithParent();
        for (int i = 0; i < THREADS; i++) {
            String transactionalId = args[1] + "-" + i;
            Thread.ofPlatform().name("copy-" + i).start(() -> copy(args[0], args[1], transactionalId));
        }
        Thread.currentThread().join();
    }

    private static void copy(String bootstrapServers, String group, String transactionalId) {
        Map<String, Object> consumerConfig = new HashMap<>(StreamClients.CONSUMER);
        consumerConfig.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        consumerConfig.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        consumerConfig.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consumerConfig.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        Map<String, Object> producerConfig = new HashMap<>(StreamClients.PRODUCER);
        producerConfig.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        producerConfig.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(consumerConfig, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(producerConfig, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            consumer.subscribe(List.of(Topics.ORDERS));
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            long beginNanos = 0;
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                    if (offsets.isEmpty()) {
                        producer.beginTransaction();
                        beginNanos = System.nanoTime();
                    }
                    producer.send(new ProducerRecord<>(Topics.PROCESSED, record.key(), record.value()));
                    offsets.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                }
                if (!offsets.isEmpty() && System.nanoTime() - beginNanos >= COMMIT_INTERVAL_NANOS) {
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    producer.commitTransaction();
                    offsets.clear();
                }
            }
        }
    }
}
