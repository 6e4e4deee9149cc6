package io.onlyonce.ingest;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the OpenAPI page says of the endpoints that take orders. */
final class OrderDocs {
    private static final String IDENTITY = """
            The order_id identifies the order for ever: a second record with it is rejected downstream as a duplicate. \
            Where the body has none, an Idempotency-Key header determines it; without either, the server makes a UUIDv7.""";

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

    @Target(ElementType.ANNOTATION_TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(responseCode = "200", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "No valid order; detail and field say why", content = @Content)
    @ApiResponse(responseCode = "413", description = "Too large", content = @Content)
    @ApiResponse(
            responseCode = "503",
            description = "Nothing was written: send it again with the same order_id",
            content = @Content)
    @ApiResponse(
            responseCode = "504",
            description = "It may have been written: send it again with the same order_id, which is safe",
            content = @Content)
    private @interface Answers {}

    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Answers
    @Operation(
            summary = "Accepts an order; answers when it is durable in the mode asked",
            description = "In exactly-once mode that is after the commit. " + IDENTITY,
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            examples = @ExampleObject(name = "an order", value = ORDER))))
    @interface One {}

    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Answers
    @Operation(
            summary = "Accepts a batch of orders in one transaction: all or none",
            description =
                    "Needs the mode exactly-once with transactions, else 400. No id may appear twice. " + IDENTITY,
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            examples = @ExampleObject(name = "a batch", value = BATCH))))
    @interface Many {}

    @Target(ElementType.METHOD)
    @Retention(RetentionPolicy.RUNTIME)
    @Answers
    @Operation(
            summary = "Sends one order several times, as a client does whose answers were lost",
            description = "Each time as a record of its own, in a transaction of its own. " + IDENTITY,
            requestBody =
                    @RequestBody(
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            examples = @ExampleObject(name = "an order", value = ORDER))))
    @interface Repeated {}
}
