package io.onlyonce.stream;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The consumer of a stream thread. It joins the group only when its {@link Seat} is free, and still ours. */
final class SeatConsumer extends KafkaConsumer<byte[], byte[]> {
    private final Seat seat;
    private final Admin admin;
    private final Runnable onClose;
    private final Optional<SeatConsumer> predecessor;
    private final CountDownLatch closed = new CountDownLatch(1);

    SeatConsumer(Map<String, Object> config, Seat seat, Admin admin, Runnable onClose) {
        super(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.seat = seat;
        this.admin = admin;
        this.onClose = onClose;
        this.predecessor = seat.occupy(this);
    }

    /** Opens when the thread's tasks and clients are closed: Kafka Streams closes the consumer last. */
    CountDownLatch closed() {
        return closed;
    }

    @Override
    public void subscribe(Collection<String> topics, ConsumerRebalanceListener listener) {
        predecessor.ifPresent(seat::awaitClosed);
        seat.confirmOurs(admin);
        super.subscribe(topics, listener);
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        try {
            return super.poll(timeout);
        } finally {
            seat.joinedAs(groupMetadata().memberId());
        }
    }

    @Override
    public void close(CloseOptions options) {
        try {
            super.close(options);
        } finally {
            closed.countDown();
            onClose.run();
        }
    }
}
