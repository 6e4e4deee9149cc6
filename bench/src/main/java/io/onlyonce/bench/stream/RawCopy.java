package io.onlyonce.bench.stream;

import io.onlyonce.bench.Jvm;
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
 * The limit: consume and produce with a transaction every 100 ms, neither parsing nor remembering. Two threads, and the
 * clients' settings of the shipped stream.
 */
public final class RawCopy {
    private static final int THREADS = 2;
    private static final long COMMIT_INTERVAL_NANOS = StreamClients.COMMIT_INTERVAL.toNanos();

    private RawCopy() {}

    /** @param args bootstrap servers, group */
    public static void main(String[] args) throws InterruptedException {
        Jvm.endWithParent();
        String bootstrapServers = args[0];
        String group = args[1];
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            Thread.ofPlatform().name("copy-" + i).start(() -> copy(bootstrapServers, group, thread));
        }
        Thread.currentThread().join();
    }

    private static void copy(String bootstrapServers, String group, int thread) {
        Map<String, Object> consumerConfig = new HashMap<>(StreamClients.CONSUMER);
        consumerConfig.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        consumerConfig.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        consumerConfig.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        consumerConfig.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumerConfig.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        consumerConfig.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        Map<String, Object> producerConfig = new HashMap<>(StreamClients.PRODUCER);
        producerConfig.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        producerConfig.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group + "-" + thread);
        producerConfig.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        producerConfig.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(consumerConfig);
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(producerConfig)) {
            producer.initTransactions();
            consumer.subscribe(List.of(Topics.ORDERS));
            Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
            boolean open = false;
            long opened = 0;
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(20))) {
                    if (!open) {
                        producer.beginTransaction();
                        open = true;
                        opened = System.nanoTime();
                    }
                    producer.send(new ProducerRecord<>(Topics.PROCESSED, record.key(), record.value()));
                    positions.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                }
                if (open && System.nanoTime() - opened >= COMMIT_INTERVAL_NANOS) {
                    producer.sendOffsetsToTransaction(positions, consumer.groupMetadata());
                    producer.commitTransaction();
                    positions.clear();
                    open = false;
                }
            }
        }
    }
}
