package io.onlyonce.ingest.delivery;

import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** The delivery modes without transactions. All requests share one producer, and each has exactly one record. */
final class PlainSender extends OrderSender {
    private Producer<byte[], byte[]> producer;

    PlainSender(DeliverySettings settings, DeliveryProperties properties, DeliveryMetrics metrics) {
        super(settings, properties, metrics);
    }

    @Override
    void write(PendingRequest request) {
        if (request.records().size() != 1) {
            throw new IllegalArgumentException("Several records require a transaction");
        }
        ProducerRecord<byte[], byte[]> record = request.records().getFirst();
        try {
            var _ = producer()
                    .send(record, (metadata, failure) -> request.outcome().complete(outcome(metadata, failure)));
        } catch (RuntimeException e) {
            request.outcome().complete(new Outcome.NotWritten(cause(e)));
        }
    }

    private static Outcome outcome(RecordMetadata metadata, Exception failure) {
        if (failure == null) {
            return new Outcome.Written(List.of(metadata));
        }
        // Unless it refused the record, the broker may have written it although the producer received no response.
        return isRefusal(failure) ? new Outcome.Refused(cause(failure)) : new Outcome.Unknown(cause(failure));
    }

    /** Creates the producer on first use, because the constructor fails while the broker's host name is unresolvable. */
    private synchronized Producer<byte[], byte[]> producer() {
        if (producer == null) {
            producer = new KafkaProducer<>(
                    ProducerSettings.plain(properties, settings().mode()));
        }
        return producer;
    }

    @Override
    Outcome withdraw(PendingRequest request) {
        return new Outcome.Unknown("The broker has not acknowledged the record yet");
    }

    @Override
    synchronized void close() {
        if (producer != null) {
            producer.close(properties.answerWithin());
        }
    }
}
