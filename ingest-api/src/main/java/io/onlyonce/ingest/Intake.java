package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliveryProperties;
import io.onlyonce.ingest.delivery.DeliverySettings;
import io.onlyonce.ingest.delivery.Outcome;
import io.onlyonce.ingest.delivery.Position;
import io.onlyonce.ingest.delivery.Route;
import io.onlyonce.ingest.delivery.Submission;
import io.onlyonce.model.DeliveryMode;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/** From valid orders to records of the topic, and what became of them. */
@Component
final class Intake {
    private final IntakeGate gate;
    private final Delivery delivery;
    private final DeliveryProperties properties;

    Intake(IntakeGate gate, Delivery delivery, DeliveryProperties properties) {
        this.gate = gate;
        this.delivery = delivery;
        this.properties = properties;
    }

    /** Orders that are as durable as the mode promises. */
    record Receipt(DeliverySettings settings, List<Position> positions, BigDecimal latencyMs) {
        String deliveryMode() {
            return settings.mode().wireName();
        }
    }

    /** @throws org.springframework.web.ErrorResponseException where it was not written, or perhaps not */
    Receipt accept(Order order, Trace trace) throws InterruptedException {
        return accept(List.of(order), trace, false);
    }

    /** All, or none. */
    Receipt acceptTogether(List<Order> orders, Trace trace) throws InterruptedException {
        return accept(orders, trace, true);
    }

    private Receipt accept(List<Order> orders, Trace trace, boolean together) throws InterruptedException {
        long start = System.nanoTime();
        Submission submission = new Submission(
                orders.stream().map(order -> record(order, trace)).toList());
        gate.enter(properties.answerWithin());
        Route route = delivery.route();
        if (together && !route.settings().transactional()) {
            gate.leave();
            throw withoutTransactions(route.settings());
        }
        submission.whenSettled(gate::leave);
        return switch (route.send(submission)) {
            case Outcome.Written(List<Position> positions) ->
                new Receipt(route.settings(), positions, millis(System.nanoTime() - start));
            case Outcome other -> throw Problems.of(other, orders, trace);
        };
    }

    private static ErrorResponseException withoutTransactions(DeliverySettings settings) {
        return Problems.of(
                HttpStatus.BAD_REQUEST,
                "A batch is one transaction; %s%s knows none"
                        .formatted(
                                settings.mode().wireName(),
                                settings.mode() == DeliveryMode.EXACTLY_ONCE ? " with enable_transactions=false" : ""));
    }

    private static ProducerRecord<byte[], byte[]> record(Order order, Trace trace) {
        byte[] key = order.orderId().getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(Topics.ORDERS, key, OrderJson.write(order));
        record.headers().add("traceparent", trace.traceparent());
        return record;
    }

    private static BigDecimal millis(long nanos) {
        return BigDecimal.valueOf(TimeUnit.NANOSECONDS.toMicros(nanos), 3);
    }
}
