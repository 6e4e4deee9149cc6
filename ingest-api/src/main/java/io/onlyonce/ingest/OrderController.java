package io.onlyonce.ingest;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.fasterxml.uuid.StringArgGenerator;
import io.onlyonce.ingest.delivery.Delivery;
import io.onlyonce.ingest.delivery.DeliverySettings;
import io.onlyonce.ingest.delivery.OrderSender;
import io.onlyonce.ingest.delivery.Outcome;
import io.onlyonce.ingest.delivery.PendingRequest;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDigest;
import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.Topics;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.web.Guarded;
import io.onlyonce.web.Problem;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Accepts orders and answers when they are as durable as the delivery mode guarantees. */
@RestController
@Tag(name = "Orders", description = "Accepts orders")
final class OrderController {
    private static final String IDEMPOTENCY_KEY = "Idempotency-Key";
    private static final String IDEMPOTENT_REPLAYED = "Idempotent-Replayed";
    private static final int MAX_KEY_LENGTH = OrderDocs.MAX_KEY_LENGTH;
    /** Must never change: a retry with the same key must get the same id, also after an upgrade. */
    private static final StringArgGenerator ID_FROM_KEY =
            Generators.nameBasedGenerator(UUID.fromString("6f1d0a53-5f3c-4c55-8a5f-2b7f6f0e8d14"));
    /** UUIDv7: ids from the same time are adjacent in the dedup store and in the indexes of the tables. */
    private static final NoArgGenerator ID_FROM_TIME = Generators.timeBasedEpochGenerator();

    private final IntakeGate gate;
    private final Delivery delivery;
    private final ReplayCache replays;

    OrderController(IntakeGate gate, Delivery delivery, ReplayCache replays) {
        this.gate = gate;
        this.delivery = delivery;
        this.replays = replays;
    }

    record Accepted(
            @Schema(allowableValues = "accepted") String status,
            String orderId,
            @JsonUnwrapped Receipt receipt) {}

    @PostMapping(path = "/orders", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.One
    Accepted accept(
            @RequestBody OrderDraft draft,
            @OrderDocs.Key @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(AdmissionInterceptor.DEADLINE) Deadline deadline,
            HttpServletResponse response)
            throws InterruptedException {
        List<Order> orders = List.of(order(draft, idempotencyKey));
        return once(idempotencyKey, orders, Accepted.class, response, () -> {
            Sent sent = send(orders, deadline, false);
            return new Response<>(accepted(orders.getFirst(), sent), sent.settings());
        });
    }

    private static Accepted accepted(Order order, Sent sent) {
        return new Accepted("accepted", order.orderId(), sent.receipt());
    }

    private static Order order(OrderDraft draft, String idempotencyKey) {
        checkKey(idempotencyKey);
        return draft.toOrder(id(draft, idempotencyKey, ""), Instant.now());
    }

    /** The client's order_id, otherwise a UUIDv5 of the key and the suffix, otherwise a new UUIDv7. */
    private static String id(OrderDraft draft, String idempotencyKey, String suffix) {
        if (draft.orderId() != null) {
            return draft.orderId();
        }
        return idempotencyKey == null
                ? ID_FROM_TIME.generate().toString()
                : ID_FROM_KEY.generate(idempotencyKey + suffix).toString();
    }

    private static void checkKey(String idempotencyKey) {
        if (idempotencyKey != null && (idempotencyKey.isBlank() || idempotencyKey.length() > MAX_KEY_LENGTH)) {
            throw new IllegalArgumentException(
                    "Idempotency-Key must not be blank and can have at most %d characters, but has %d"
                            .formatted(MAX_KEY_LENGTH, idempotencyKey.length()));
        }
    }

    record Valid(@Schema(allowableValues = "valid") String status, String orderId) {}

    @PostMapping(path = "/orders/validate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.Validation
    Valid validate(
            @RequestBody OrderDraft draft,
            @OrderDocs.Key @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey) {
        return new Valid("valid", order(draft, idempotencyKey).orderId());
    }

    record Batch(List<OrderDraft> orders) {}

    record Committed(
            @Schema(allowableValues = "committed") String status,
            List<String> orderIds,
            int count,
            @JsonUnwrapped Summary summary) {}

    @PostMapping(path = "/orders/batch", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.Many
    Committed acceptBatch(
            @RequestBody Batch batch,
            @OrderDocs.Key @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(AdmissionInterceptor.DEADLINE) Deadline deadline,
            HttpServletResponse response)
            throws InterruptedException {
        List<Order> orders = orders(batch, idempotencyKey);
        return once(idempotencyKey, orders, Committed.class, response, () -> {
            Sent sent = send(orders, deadline, true);
            return new Response<>(committed(orders, sent), sent.settings());
        });
    }

    private static Committed committed(List<Order> orders, Sent sent) {
        List<String> orderIds = orders.stream().map(Order::orderId).toList();
        return new Committed(
                "committed", orderIds, orders.size(), sent.receipt().summary());
    }

    private record Response<T>(T body, DeliverySettings settings) {}

    private interface Sending<T> {
        Response<T> send() throws InterruptedException;
    }

    /**
     * Replays the response to an earlier request with the same key and content, otherwise sends the orders.
     *
     * @param idempotencyKey null if the request has none
     */
    private <T> T once(
            String idempotencyKey, List<Order> orders, Class<T> type, HttpServletResponse response, Sending<T> sending)
            throws InterruptedException {
        if (idempotencyKey == null) {
            return sending.send().body();
        }
        ReplayCache.Content content = ReplayCache.Content.of(orders);
        Optional<T> earlier = replays.find(idempotencyKey, content, type);
        if (earlier.isPresent()) {
            response.setHeader(IDEMPOTENT_REPLAYED, "true");
            return earlier.get();
        }
        long generation = replays.generation();
        Response<T> sent = sending.send();
        if (sent.settings().transactional()) {
            replays.put(generation, idempotencyKey, content, sent.body());
        }
        return sent.body();
    }

    /** Rejects a repeated order_id: order-stream would drop the second order, and the batch would be incomplete. */
    private List<Order> orders(Batch batch, String idempotencyKey) {
        checkKey(idempotencyKey);
        Instant now = Instant.now();
        List<Order> orders = new ArrayList<>();
        Map<String, Integer> indexes = new HashMap<>();
        Map<Long, Integer> occurrences = new HashMap<>();
        for (int i = 0; i < batch.orders().size(); i++) {
            OrderDraft draft = batch.orders().get(i);
            String path = "orders[" + i + "]";
            try {
                String suffix = idempotencyKey == null ? "" : suffix(draft, occurrences);
                orders.add(draft.toOrder(id(draft, idempotencyKey, suffix), now));
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

    /**
     * Distinguishes the orders of a batch, which have the same key, by content and not by position, so that an order keeps
     * its id if a client repeats the batch with further orders. Must never change.
     *
     * @param occurrences the number of orders by digest; orders with the same content are numbered
     */
    private static String suffix(OrderDraft draft, Map<Long, Integer> occurrences) {
        long digest = OrderDigest.of(draft.toOrder("any", Instant.EPOCH));
        // NUL cannot occur in a header, so no single order has the same id.
        return "\0" + Long.toHexString(digest) + "\0" + occurrences.merge(digest, 1, Integer::sum);
    }

    record Attempt(int attempt, int partition, @Nullable Long offset, BigDecimal latencyMs) {}

    record Duplicates(
            @Schema(allowableValues = "duplicates_sent") String status,
            String orderId,
            List<Attempt> attempts,

            @Schema(allowableValues = {"exactly-once", "at-least-once", "at-most-once"})
            String deliveryMode,

            String traceId) {}

    @PostMapping(path = "/simulate/duplicate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Guarded
    @OrderDocs.Repeated
    Duplicates repeat(
            @RequestBody OrderDraft draft,
            @Schema(minimum = "2", maximum = "100") @RequestParam(defaultValue = "3") int count,
            @OrderDocs.Key @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(AdmissionInterceptor.DEADLINE) Deadline deadline)
            throws InterruptedException {
        if (count < 2 || count > 100) {
            throw new IllegalArgumentException("count must be between 2 and 100, but was " + count);
        }
        Order order = order(draft, idempotencyKey);
        List<Attempt> attempts = new ArrayList<>();
        String deliveryMode = "";
        for (int attempt = 1; attempt <= count; attempt++) {
            Receipt receipt = send(List.of(order), deadline, false).receipt();
            attempts.add(new Attempt(
                    attempt,
                    receipt.partition(),
                    receipt.offset(),
                    receipt.summary().latencyMs()));
            deliveryMode = receipt.summary().deliveryMode();
        }
        return new Duplicates("duplicates_sent", order.orderId(), attempts, deliveryMode, TraceFilter.traceId());
    }

    record Summary(
            @Schema(allowableValues = {"exactly-once", "at-least-once", "at-most-once"})
            String deliveryMode,

            String traceId,
            BigDecimal latencyMs) {}

    /** @param offset null in at-most-once mode */
    record Receipt(
            @JsonUnwrapped Summary summary,
            String topic,
            int partition,
            @Nullable Long offset) {}

    private record Sent(Receipt receipt, DeliverySettings settings) {}

    /** @throws org.springframework.web.ErrorResponseException if the orders were not written, or may not have been */
    private Sent send(List<Order> orders, Deadline deadline, boolean requiresTransaction) throws InterruptedException {
        long start = System.nanoTime();
        PendingRequest request =
                new PendingRequest(orders.stream().map(OrderController::record).toList());
        gate.enter(deadline);
        OrderSender sender = delivery.sender();
        if (requiresTransaction && !sender.settings().transactional()) {
            gate.leave();
            throw Problem.of(
                    HttpStatus.BAD_REQUEST,
                    "A batch requires delivery_mode=exactly-once and enable_transactions=true, see GET /config");
        }
        var _ = request.outcome().thenRun(gate::leave);
        return switch (sender.send(request, deadline)) {
            case Outcome.Written(List<RecordMetadata> metadata) -> {
                long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
                String mode = sender.settings().mode().wireName();
                Summary summary = new Summary(mode, TraceFilter.traceId(), BigDecimal.valueOf(micros, 3));
                RecordMetadata first = metadata.getFirst();
                Long offset = first.hasOffset() ? first.offset() : null;
                yield new Sent(new Receipt(summary, Topics.ORDERS, first.partition(), offset), sender.settings());
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
