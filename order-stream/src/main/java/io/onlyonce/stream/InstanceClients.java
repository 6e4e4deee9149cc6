package io.onlyonce.stream;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/** The Kafka clients of the stream's threads, under the identities of {@link Seats}. */
final class InstanceClients implements KafkaClientSupplier {
    private final Seats seats;
    private final Admin admin;

    InstanceClients(Seats seats, Admin admin) {
        this.seats = seats;
        this.admin = admin;
    }

    @Override
    public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
        Seat seat = seats.of(thread(config, "-producer"));
        Map<String, Object> ours = new HashMap<>(config);
        // Kafka Streams names it after a random id in the state directory; after the seat, it survives the loss of that
        // directory, and a replacement fences whoever still writes in its name.
        ours.computeIfPresent(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG, (key, value) -> OrderTopology.APPLICATION_ID + "-" + seat.id());
        Producer<byte[], byte[]> producer =
                new KafkaProducer<>(ours, new ByteArraySerializer(), new ByteArraySerializer());
        seat.setProducer(producer);
        return producer;
    }

    @Override
    public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
        String thread = thread(config, "-consumer");
        Seat seat = seats.of(thread);
        Map<String, Object> ours = new HashMap<>(config);
        ours.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, seat.id());
        return new SeatConsumer(ours, seat, admin, () -> seats.leave(thread));
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
        return Admin.create(config);
    }

    /** Kafka Streams names a client after its thread. */
    private static String thread(Map<String, Object> config, String suffix) {
        String clientId = (String) config.get(CommonClientConfigs.CLIENT_ID_CONFIG);
        if (!clientId.endsWith(suffix)) {
            throw new IllegalStateException("client.id " + clientId + " does not end with " + suffix);
        }
        return clientId.substring(0, clientId.length() - suffix.length());
    }
}
