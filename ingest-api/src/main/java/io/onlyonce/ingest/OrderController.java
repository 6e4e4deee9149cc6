package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Position;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderDraft;
import io.onlyonce.model.Topics;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class OrderController {
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private final Intake intake;
    private final OrderIds ids;

    OrderController(Intake intake, OrderIds ids) {
        this.intake = intake;
        this.ids = ids;
    }

    /** @param offset null where nobody waited to learn it (at-most-once) */
    record Accepted(
            String status,
            String orderId,
            String deliveryMode,
            String traceId,
            BigDecimal latencyMs,
            String topic,
            int partition,
            Long offset) {}

    @PostMapping(path = "/orders", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.One
    Accepted accept(
            @RequestBody OrderDraft draft,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(Trace.ATTRIBUTE) @Parameter(hidden = true) Trace trace)
            throws InterruptedException {
        Order order = draft.toOrder(idFor(draft, idempotencyKey), Instant.now());
        Intake.Receipt receipt = intake.accept(order, trace);
        Position position = receipt.positions().getFirst();
        return new Accepted(
                "accepted",
                order.orderId(),
                receipt.deliveryMode(),
                trace.id(),
                receipt.latencyMs(),
                Topics.ORDERS,
                position.partition(),
                position.offset());
    }

    private String idFor(OrderDraft draft, String idempotencyKey) {
        return draft.orderId() != null ? draft.orderId() : ids.of(idempotencyKey);
    }

    record Valid(String status, String orderId) {}

    @PostMapping(path = "/orders/validate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "Says whether POST /orders would take the order; writes nothing")
    Valid validate(
            @RequestBody OrderDraft draft,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey) {
        return new Valid(
                "valid",
                draft.toOrder(idFor(draft, idempotencyKey), Instant.now()).orderId());
    }

    record Committed(
            String status,
            List<String> orderIds,
            int count,
            String deliveryMode,
            String traceId,
            BigDecimal latencyMs) {}

    @PostMapping(path = "/orders/batch", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.Many
    Committed acceptBatch(
            @RequestBody Batch batch,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(Trace.ATTRIBUTE) @Parameter(hidden = true) Trace trace)
            throws InterruptedException {
        List<Order> orders = complete(batch, idempotencyKey);
        Intake.Receipt receipt = intake.acceptTogether(orders, trace);
        return new Committed(
                "committed",
                orders.stream().map(Order::orderId).toList(),
                orders.size(),
                receipt.deliveryMode(),
                trace.id(),
                receipt.latencyMs());
    }

    /** A batch that holds one id twice is refused: the stream would reject the second, and all or nothing be broken. */
    private List<Order> complete(Batch batch, String idempotencyKey) {
        Instant now = Instant.now();
        List<Order> orders = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < batch.orders().size(); i++) {
            OrderDraft draft = batch.orders().get(i);
            String path = "orders[" + i + "]";
            try {
                orders.add(draft.toOrder(draft.orderId() != null ? draft.orderId() : ids.of(idempotencyKey, i), now));
            } catch (InvalidOrderException e) {
                throw e.within(path);
            }
            Integer first = seen.putIfAbsent(orders.getLast().orderId(), i);
            if (first != null) {
                throw new InvalidOrderException(path + ".order_id", "repeats that of orders[" + first + "]");
            }
        }
        return orders;
    }

    record Attempt(int attempt, int partition, Long offset, BigDecimal latencyMs) {}

    record Duplicates(String status, String orderId, List<Attempt> attempts, String deliveryMode, String traceId) {}

    @PostMapping(path = "/simulate/duplicate", consumes = MediaType.APPLICATION_JSON_VALUE)
    @OrderDocs.Repeated
    Duplicates repeat(
            @RequestBody OrderDraft draft,
            @RequestParam(defaultValue = "3") int count,
            @RequestHeader(name = IDEMPOTENCY_KEY, required = false) String idempotencyKey,
            @RequestAttribute(Trace.ATTRIBUTE) @Parameter(hidden = true) Trace trace)
            throws InterruptedException {
        if (count < 2 || count > 100) {
            throw new IllegalArgumentException("count is not between 2 and 100");
        }
        Order order = draft.toOrder(idFor(draft, idempotencyKey), Instant.now());
        List<Attempt> attempts = new ArrayList<>();
        String deliveryMode = "";
        for (int attempt = 1; attempt <= count; attempt++) {
            Intake.Receipt receipt = intake.accept(order, trace);
            Position position = receipt.positions().getFirst();
            attempts.add(new Attempt(attempt, position.partition(), position.offset(), receipt.latencyMs()));
            deliveryMode = receipt.deliveryMode();
        }
        return new Duplicates("duplicates_sent", order.orderId(), attempts, deliveryMode, trace.id());
    }
}
