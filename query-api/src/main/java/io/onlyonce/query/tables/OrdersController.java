package io.onlyonce.query.tables;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/orders")
final class OrdersController {
    private static final int MAX_LIMIT = 1_000;

    /** PostgreSQL reads all rows that it skips. */
    private static final int MAX_OFFSET = 1_000_000;

    private final Orders orders;

    OrdersController(Orders orders) {
        this.orders = orders;
    }

    /** @param processingRecords one under exactly-once; further records are duplicates that the stream emitted */
    record OrderDetails(
            @JsonUnwrapped Orders.StoredOrder order,
            List<Orders.ProcessingRecord> processingRecords,
            List<Orders.RejectedDuplicate> rejectedDuplicates) {}

    @GetMapping
    @Operation(summary = "Lists the stored orders, newest first")
    Orders.Page list(
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam(defaultValue = "0") int offset,
            @RequestParam(name = "customer_id", required = false) String customer,
            @RequestParam(required = false) String status) {
        requireBetween("limit", limit, 1, MAX_LIMIT);
        requireBetween("offset", offset, 0, MAX_OFFSET);
        return orders.newest(limit, offset, customer, status);
    }

    @GetMapping("/{orderId}")
    @Operation(summary = "Returns an order with its processing records and its rejected duplicates")
    OrderDetails find(@PathVariable String orderId) {
        Orders.StoredOrder order = orders.find(orderId).orElseThrow(() -> {
            ErrorResponseException missing = new ErrorResponseException(HttpStatus.NOT_FOUND);
            missing.setDetail("The order " + orderId + " does not exist or is not stored yet");
            return missing;
        });
        return new OrderDetails(order, orders.processingRecords(orderId), orders.rejectedDuplicates(orderId));
    }

    private static void requireBetween(String parameter, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    "%s must be between %d and %d, but was %d".formatted(parameter, min, max, value));
        }
    }
}
