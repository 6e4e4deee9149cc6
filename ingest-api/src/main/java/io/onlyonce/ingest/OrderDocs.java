package io.onlyonce.ingest;

import io.onlyonce.model.Rules;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.DateTimeSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.NumberSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.math.BigDecimal;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The OpenAPI descriptions of the endpoints that accept orders. */
@Configuration(proxyBeanMethods = false)
class OrderDocs {
    static final int MAX_KEY_LENGTH = 255;

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

    /** At least one character that is not white space, and no control characters. */
    private static final String PRINTABLE =
            "^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$";

    /**
     * Describes the limits that {@link OrderBodyConverter} checks. The classes of the body have no annotations, because the
     * model does not depend on HTTP.
     */
    @Bean
    OpenApiCustomizer orderSchemas(IngestProperties properties) {
        return api -> {
            var schemas = api.getComponents().getSchemas();
            schemas.put("OrderItem", item());
            schemas.put("OrderDraft", draft());
            schemas.put("Batch", batch(properties.batchMaxOrders()));
        };
    }

    private static Schema<?> item() {
        return strict("name", "quantity", "price")
                .addProperty("name", text(Rules.MAX_NAME_LENGTH))
                .addProperty(
                        "quantity",
                        new IntegerSchema().minimum(BigDecimal.ONE).maximum(BigDecimal.valueOf(Integer.MAX_VALUE)))
                .addProperty("price", money());
    }

    private static Schema<?> draft() {
        return strict("customer_id", "items", "total_amount")
                .addProperty("order_id", text(Rules.MAX_ID_LENGTH))
                .addProperty("customer_id", text(Rules.MAX_ID_LENGTH))
                .addProperty("items", array("OrderItem", Rules.MAX_ITEMS))
                .addProperty("total_amount", money())
                .addProperty(
                        "created_at",
                        new DateTimeSchema()
                                .description("ISO 8601 with an offset, from 1970; default: the current time"));
    }

    private static Schema<?> batch(int maxOrders) {
        return strict("orders").addProperty("orders", array("OrderDraft", maxOrders));
    }

    private static Schema<?> strict(String... required) {
        return new ObjectSchema().required(List.of(required)).additionalProperties(false);
    }

    private static Schema<?> text(int maxLength) {
        return new StringSchema().minLength(1).maxLength(maxLength).pattern(PRINTABLE);
    }

    private static Schema<?> money() {
        return new NumberSchema()
                .minimum(BigDecimal.ZERO)
                .maximum(Rules.MAX_MONEY)
                .multipleOf(BigDecimal.ONE.movePointLeft(Rules.MONEY_SCALE));
    }

    private static Schema<?> array(String schema, int maxItems) {
        return new ArraySchema().items(new Schema<>().$ref(schema)).minItems(1).maxItems(maxItems);
    }

    @Retention(RetentionPolicy.RUNTIME)
    @Parameter(
            description = "Determines the order_id of an order without one. Must not be blank",
            schema =
                    @io.swagger.v3.oas.annotations.media.Schema(
                            type = "string",
                            minLength = 1,
                            maxLength = MAX_KEY_LENGTH))
    @interface Key {}

    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(responseCode = "400", description = "Invalid order; see detail, field and errors")
    @ApiResponse(responseCode = "413", description = "The body or a record is too large")
    @ApiResponse(responseCode = "503", description = "Nothing was written; a retry is safe")
    @ApiResponse(responseCode = "504", description = "May be written; retry with the same order_id")
    private @interface Problems {}

    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(
            responseCode = "200",
            description = "OK",
            useReturnTypeSchema = true,
            headers =
                    @Header(
                            name = "Idempotent-Replayed",
                            description =
                                    "true if this is the response to an earlier request with the same Idempotency-Key",
                            schema =
                                    @io.swagger.v3.oas.annotations.media.Schema(
                                            type = "string",
                                            allowableValues = "true")))
    @ApiResponse(
            responseCode = "422",
            description = "The Idempotency-Key was used before with other content; nothing was written")
    private @interface Replayable {}

    @Retention(RetentionPolicy.RUNTIME)
    @Replayable
    @Problems
    @Operation(
            operationId = "createOrder",
            summary = "Accepts an order; responds when it is as durable as the delivery mode guarantees",
            description = "In exactly-once mode, responds after the commit. " + ID,
            requestBody = @RequestBody(required = true, content = @Content(examples = @ExampleObject(ORDER))))
    @interface One {}

    @Retention(RetentionPolicy.RUNTIME)
    @Replayable
    @Problems
    @Operation(
            operationId = "createOrders",
            summary = "Accepts a batch of orders in one transaction: all or none",
            description =
                    "Requires exactly-once mode with transactions, otherwise responds with 400. Each order_id must"
                            + " be unique in the batch. " + ID,
            requestBody = @RequestBody(required = true, content = @Content(examples = @ExampleObject(BATCH))))
    @interface Many {}

    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
    @Problems
    @Operation(
            operationId = "simulateDuplicate",
            summary = "Sends an order several times, like a client that retries after lost responses",
            description =
                    "Sends a separate record in a separate transaction each time, regardless of the Idempotency-Key. "
                            + "If the body has no order_id, the Idempotency-Key header determines it",
            requestBody = @RequestBody(required = true, content = @Content(examples = @ExampleObject(ORDER))))
    @interface Repeated {}

    @Retention(RetentionPolicy.RUNTIME)
    @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "400", description = "Invalid order; see detail, field and errors")
    @Operation(
            operationId = "validateOrder",
            summary = "Validates an order like POST /orders, but writes nothing",
            requestBody = @RequestBody(required = true, content = @Content(examples = @ExampleObject(ORDER))))
    @interface Validation {}
}
