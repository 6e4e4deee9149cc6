package io.onlyonce.verifier;

import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A transaction over all partitions of a topic, open until it is closed. */
final class OpenTransaction implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;

    OpenTransaction(String bootstrapServers, String topic) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers, "transactional.id", "nobody"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        producer.beginTransaction();
        for (PartitionInfo partition : producer.partitionsFor(topic)) {
            producer.send(new ProducerRecord<>(topic, partition.partition(), new byte[0], new byte[0]));
        }
        producer.flush();
    }

    @Override
    public void close() {
        producer.abortTransaction();
        producer.close();
    }
}
