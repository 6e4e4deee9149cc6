package io.onlyonce.ingest;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The OpenAPI descriptions of the endpoints that accept orders. */
final class OrderDocs {
    private static final String ID = """
            The order_id identifies the order permanently: a second record with the same order_id is rejected downstream \
            as a duplicate. If the body has no order_id, the Idempotency-Key header determines it. Without the header, the \
            server generates a UUIDv7. A repeated request with a known Idempotency-Key and the same content receives the \
            first response again, with the header `Idempotent-Replayed: true`; with other content, it receives 422.""";

    private static final String ORDER = """
            {
              "customer_id": "demo-customer-001",
              "items": [{"name": "Widget Pro", "quantity": 2, "price": 49.99}],
              "total_amount": 99.98
            }""";

    private static final String BATCH = """
            {
              "orders": [
                {"customer_id": "batch-001", "items": [{"name": "A", "quantity": 1, "price": 15.00}], "total_amount": 15.00},
                {"customer_id": "batch-002", "items": [{"name": "B", "quantity": 2, "price": 20.00}], "total_amount": 40.00}
              ]
            }""";

    private OrderDocs() {}

    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "Invalid order; see detail and field", content = @Content)
    @ApiResponse(responseCode = "413", description = "The body or a record is too large", content = @Content)
    @ApiResponse(
            responseCode = "422",
            description = "The Idempotency-Key was used before with other content; nothing was written",
            content = @Content)
    @ApiResponse(responseCode = "503", description = "Nothing was written; a retry is safe", content = @Content)
    @ApiResponse(responseCode = "504", description = "May be written; retry with the same order_id", content = @Content)
    private @interface Responses {}

    @Retention(RetentionPolicy.RUNTIME)
    @Responses
    @Operation(
            summary = "Accepts an order; responds when it is as durable as the delivery mode guarantees",
            description = "In exactly-once mode, responds after the commit. " + ID,
            requestBody = @RequestBody(content = @Content(examples = @ExampleObject(ORDER))))
    @interface One {}

    @Retention(RetentionPolicy.RUNTIME)
    @Responses
    @Operation(
            summary = "Accepts a batch of orders in one transaction: all or none",
            description =
                    "Requires exactly-once mode with transactions, otherwise responds with 400. Each order_id must"
                            + " be unique in the batch. " + ID,
            requestBody = @RequestBody(content = @Content(examples = @ExampleObject(BATCH))))
    @interface Many {}

    @Retention(RetentionPolicy.RUNTIME)
    @Responses
    @Operation(
            summary = "Sends an order several times, like a client that retries after lost responses",
            description = "Sends a separate record in a separate transaction each time. " + ID,
            requestBody = @RequestBody(content = @Content(examples = @ExampleObject(ORDER))))
    @interface Repeated {}
}
