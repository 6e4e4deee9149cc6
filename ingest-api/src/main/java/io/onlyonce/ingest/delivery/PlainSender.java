package io.onlyonce.ingest.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delivery modes without transactions. All requests share one producer, and each has exactly one record. A producer
 * that has failed permanently is replaced.
 */
final class PlainSender extends OrderSender {
    private static final Logger log = LoggerFactory.getLogger(PlainSender.class);

    /** A producer and the requests that it has not completed, with the {@link System#nanoTime()} of their start. */
    private record Connection(Producer<byte[], byte[]> producer, Map<PendingRequest, Long> pending) {}

    private Optional<Connection> connection = Optional.empty();

    PlainSender(
            DeliverySettings settings, DeliveryProperties properties, DeliveryMetrics metrics, Admission admission) {
        super(settings, properties, metrics, admission);
    }

    @Override
    void write(PendingRequest request) {
        if (request.records().size() != 1) {
            throw new IllegalArgumentException("Several records require a transaction");
        }
        Connection current;
        try {
            current = connect();
        } catch (KafkaException e) {
            request.outcome().complete(new Outcome.NotWritten(cause(e)));
            return;
        }
        ProducerRecord<byte[], byte[]> record = request.records().getFirst();
        current.pending().put(request, System.nanoTime());
        try {
            var _ = current.producer().send(record, (metadata, failure) -> {
                request.outcome().complete(outcome(metadata, failure));
                current.pending().remove(request);
            });
        } catch (RuntimeException e) {
            // A failure of a single record goes to the callback. After this one, the producer would reject every
            // record.
            replace(current, cause(e));
            request.outcome().complete(new Outcome.Unknown(cause(e)));
        } catch (Error e) {
            replace(current, cause(e));
            throw e;
        }
    }

    private static Outcome outcome(RecordMetadata metadata, Exception failure) {
        if (failure == null) {
            return new Outcome.Written(List.of(metadata));
        }
        // Unless it rejected the record, the broker may have written it although the producer received no response.
        return isRejection(failure) ? rejected(failure) : new Outcome.Unknown(cause(failure));
    }

    /** Creates the producer on first use, because the constructor fails while the broker's host name is unresolvable. */
    private synchronized Connection connect() {
        if (connection.isEmpty()) {
            var config = ProducerSettings.plain(properties, settings().mode());
            connection = Optional.of(new Connection(new KafkaProducer<>(config), new ConcurrentHashMap<>()));
        }
        return connection.get();
    }

    private synchronized Optional<Connection> disconnect() {
        Optional<Connection> current = connection;
        connection = Optional.empty();
        return current;
    }

    /** Closes the producer if it is the current one. The next request creates another one. */
    private void replace(Connection failed, String cause) {
        synchronized (this) {
            if (connection
                    .filter(current -> current.producer() == failed.producer())
                    .isEmpty()) {
                return;
            }
            connection = Optional.empty();
        }
        log.warn(
                "Producer failed, recreating it delivery_mode={} cause=\"{}\"",
                settings().mode().wireName(),
                cause);
        close(failed, Duration.ZERO);
    }

    /** Completes all requests of the producer, also if its network thread has died of an {@link Error}. */
    private static void close(Connection connection, Duration timeout) {
        try {
            connection.producer().close(timeout);
        } catch (KafkaException e) {
            log.debug("Producer resources not released", e);
        } finally {
            connection
                    .pending()
                    .keySet()
                    .forEach(request -> request.outcome().complete(new Outcome.Unknown("The producer was closed")));
        }
    }

    /** A working producer completes each record within the delivery timeout, which is shorter than a request's limit. */
    @Override
    Outcome withdraw(PendingRequest request) {
        long deliveryTimeout = ProducerSettings.deliveryTimeout(properties).toNanos();
        Optional<Connection> current;
        synchronized (this) {
            current = connection;
        }
        current.filter(connection -> {
                    Long start = connection.pending().get(request);
                    return start != null && System.nanoTime() - start > deliveryTimeout;
                })
                .ifPresent(connection -> replace(connection, "a record was not completed"));
        return new Outcome.Unknown("The broker has not acknowledged the record yet");
    }

    @Override
    void close() {
        disconnect().ifPresent(connection -> close(connection, properties.answerWithin()));
    }
}
