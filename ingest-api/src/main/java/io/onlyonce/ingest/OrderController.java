package io.onlyonce.ingest;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.fasterxml.uuid.StringArgGenerator;
import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliveryProperties;
import io.onlyonce.ingest.delivery.OrderSender;
import io.onlyonce.ingest.delivery.Outcome;
import io.onlyonce.ingest.delivery.PendingRequest;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import io.onlyonce.web.Guarded;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.swagger.v3.oas.annotations.Operation;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Accepts orders and answers when they are as durable as the delivery mode guarantees. */
@RestController
final class OrderController {
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final int MAX_KEY_LENGTH = 255;
    /** Must never change: a retry with the same key must get the same id, also after an upgrade. */
    private static final StringArgGenerator ID_FROM_KEY =
            Generators.nameBasedGenerator(UUID.fromString("6f1d0a53-5f3c-4c55-8a5f-2b7f6f0e8d14"));
    /** UUIDv7: ids from the same time are adjacent in the dedup store and in the indexes of the tables. */
    private static final NoArgGenerator ID_FROM_TIME = Generators.timeBasedEpochGenerator();

    private final IntakeGate gate;
    private final Delivery delivery;
    private final DeliveryProperties properties;

    OrderController(IntakeGate gate, Delivery delivery, DeliveryProperties properties) {
        this.gate = gate;
        this.delivery = delivery;
        this.properties = properties;
    }

    record Accepted(
            String status, String orderId, @JsonUnwrapped Receipt receipt) {}

    @PostMapping(path = "/orders", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.One
    Accepted accept(
            @RequestBody OrderDraft draft,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey)
            throws InterruptedException {
        Order order = order(draft, idempotencyKey);
        return new Accepted("accepted", order.orderId(), send(List.of(order), false));
    }

    private Order order(OrderDraft draft, String idempotencyKey) {
        return draft.toOrder(id(draft, idempotencyKey, ""), Instant.now());
    }

    /** The client's order_id, otherwise a UUIDv5 of the key and the suffix, otherwise a new UUIDv7. */
    private static String id(OrderDraft draft, String idempotencyKey, String suffix) {
        if (draft.orderId() != null) {
            return draft.orderId();
        }
        if (idempotencyKey == null) {
            return ID_FROM_TIME.generate().toString();
        }
        if (idempotencyKey.isBlank() || idempotencyKey.length() > MAX_KEY_LENGTH) {
            throw new IllegalArgumentException(
                    "Idempotency-Key must not be blank and can have at most %d characters, but has %d"
                            .formatted(MAX_KEY_LENGTH, idempotencyKey.length()));
        }
        return ID_FROM_KEY.generate(idempotencyKey + suffix).toString();
    }

    record Valid(String status, String orderId) {}

    @PostMapping(path = "/orders/validate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Validates an order like POST /orders, but writes nothing")
    Valid validate(
            @RequestBody OrderDraft draft,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey) {
        return new Valid("valid", order(draft, idempotencyKey).orderId());
    }

    record Batch(List<OrderDraft> orders) {}

    record Committed(
            String status,
            List<String> orderIds,
            int count,
            @JsonUnwrapped Summary summary) {}

    @PostMapping(path = "/orders/batch", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.Many
    Committed acceptBatch(
            @RequestBody Batch batch, @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey)
            throws InterruptedException {
        List<Order> orders = orders(batch, idempotencyKey);
        Summary summary = send(orders, true).summary();
        List<String> orderIds = orders.stream().map(Order::orderId).toList();
        return new Committed("committed", orderIds, orders.size(), summary);
    }

    /** Rejects a repeated order_id: order-stream would drop the second order, and the batch would be incomplete. */
    private List<Order> orders(Batch batch, String idempotencyKey) {
        Instant now = Instant.now();
        List<Order> orders = new ArrayList<>();
        Map<String, Integer> indexes = new HashMap<>();
        for (int i = 0; i < batch.orders().size(); i++) {
            OrderDraft draft = batch.orders().get(i);
            String path = "orders[" + i + "]";
            try {
                // The orders have the same key. NUL cannot occur in a header, so no single order has the same id.
                orders.add(draft.toOrder(id(draft, idempotencyKey, "\0" + i), now));
            } catch (InvalidOrderException e) {
                throw e.within(path);
            }
            Integer first = indexes.putIfAbsent(orders.getLast().orderId(), i);
            if (first != null) {
                throw new InvalidOrderException(path + ".order_id", "repeats that of orders[" + first + "]");
            }
        }
        return orders;
    }

    record Attempt(int attempt, int partition, Long offset, BigDecimal latencyMs) {}

    record Duplicates(String status, String orderId, List<Attempt> attempts, String deliveryMode, String traceId) {}

    @PostMapping(path = "/simulate/duplicate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Guarded
    @OrderDocs.Repeated
    Duplicates repeat(
            @RequestBody OrderDraft draft,
            @RequestParam(defaultValue = "3") int count,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey)
            throws InterruptedException {
        if (count < 2 || count > 100) {
            throw new IllegalArgumentException("count must be between 2 and 100, but was " + count);
        }
        Order order = order(draft, idempotencyKey);
        List<Attempt> attempts = new ArrayList<>();
        String deliveryMode = "";
        for (int attempt = 1; attempt <= count; attempt++) {
            Receipt receipt = send(List.of(order), false);
            attempts.add(new Attempt(
                    attempt,
                    receipt.partition(),
                    receipt.offset(),
                    receipt.summary().latencyMs()));
            deliveryMode = receipt.summary().deliveryMode();
        }
        return new Duplicates("duplicates_sent", order.orderId(), attempts, deliveryMode, TraceFilter.traceId());
    }

    record Summary(String deliveryMode, String traceId, BigDecimal latencyMs) {}

    /** @param offset null in at-most-once mode */
    record Receipt(@JsonUnwrapped Summary summary, String topic, int partition, Long offset) {}

    /** @throws org.springframework.web.ErrorResponseException if the orders were not written, or may not have been */
    private Receipt send(List<Order> orders, boolean requiresTransaction) throws InterruptedException {
        long start = System.nanoTime();
        PendingRequest request =
                new PendingRequest(orders.stream().map(OrderController::record).toList());
        gate.enter(properties.answerWithin());
        OrderSender sender = delivery.sender();
        if (requiresTransaction && !sender.settings().transactional()) {
            gate.leave();
            throw Problems.of(
                    HttpStatus.BAD_REQUEST,
                    "A batch requires delivery_mode=exactly-once and enable_transactions=true, see GET /config");
        }
        var _ = request.outcome().thenRun(gate::leave);
        return switch (sender.send(request)) {
            case Outcome.Written(List<RecordMetadata> metadata) -> {
                long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
                String mode = sender.settings().mode().wireName();
                Summary summary = new Summary(mode, TraceFilter.traceId(), BigDecimal.valueOf(micros, 3));
                RecordMetadata first = metadata.getFirst();
                yield new Receipt(summary, Topics.ORDERS, first.partition(), first.hasOffset() ? first.offset() : null);
            }
            case Outcome.Failure failure -> throw Problems.of(failure, orders);
        };
    }

    /** The header {@code traceparent} has the format of W3C Trace Context. */
    private static ProducerRecord<byte[], byte[]> record(Order order) {
        byte[] key = order.orderId().getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(Topics.ORDERS, key, OrderJson.write(order));
        SpanContext span = Span.current().getSpanContext();
        String traceparent = "00-" + span.getTraceId() + "-" + span.getSpanId() + "-"
                + span.getTraceFlags().asHex();
        record.headers().add("traceparent", traceparent.getBytes(StandardCharsets.US_ASCII));
        return record;
    }
}
