package io.onlyonce.verifier.plan;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads and writes the JSON of the contract. Reading never converts types: a number in quotes is not an amount, and 1.0
 * is not a quantity.
 */
public final class ContractJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ContractJson() {}

    /** JSON that does not follow the contract. The message names the field. */
    public static final class InvalidJsonException extends Exception {
        private static final long serialVersionUID = 1L;

        public InvalidJsonException(String message) {
            super(message);
        }
    }

    /** @throws InvalidJsonException if the bytes are not a JSON object, or are null */
    public static JsonNode object(byte[] json) throws InvalidJsonException {
        if (json == null) {
            throw new InvalidJsonException("the value is null");
        }
        JsonNode node = read(json);
        if (!node.isObject()) {
            throw new InvalidJsonException("the value is not a JSON object");
        }
        return node;
    }

    public static OrderContent content(JsonNode order) throws InvalidJsonException {
        return new OrderContent(text(order, "customer_id"), lines(order.path("items")), amount(order, "total_amount"));
    }

    public static List<OrderContent.Line> lines(byte[] items) throws InvalidJsonException {
        return lines(read(items));
    }

    private static List<OrderContent.Line> lines(JsonNode items) throws InvalidJsonException {
        if (!items.isArray()) {
            throw new InvalidJsonException("items is not an array");
        }
        List<OrderContent.Line> lines = new ArrayList<>(items.size());
        for (JsonNode item : items) {
            lines.add(new OrderContent.Line(text(item, "name"), integer(item, "quantity"), amount(item, "price")));
        }
        return lines;
    }

    public static String text(JsonNode object, String field) throws InvalidJsonException {
        return require(object, field, "a string", JsonNode::isString).stringValue();
    }

    public static long integer(JsonNode object, String field) throws InvalidJsonException {
        return require(object, field, "an integer", value -> value.isIntegralNumber() && value.canConvertToLong())
                .longValue();
    }

    private static BigDecimal amount(JsonNode object, String field) throws InvalidJsonException {
        return require(object, field, "a number", JsonNode::isNumber).decimalValue();
    }

    public static Instant instant(JsonNode object, String field) throws InvalidJsonException {
        String text = text(object, field);
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new InvalidJsonException(field + " is not a timestamp: " + text);
        }
    }

    private static JsonNode require(JsonNode object, String field, String type, Predicate<JsonNode> isType)
            throws InvalidJsonException {
        JsonNode value = object.path(field);
        if (!isType.test(value)) {
            throw new InvalidJsonException("%s is not %s: %s".formatted(field, type, value));
        }
        return value;
    }

    private static JsonNode read(byte[] json) throws InvalidJsonException {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidJsonException("the value is not JSON: " + e.getOriginalMessage());
        }
    }

    /** Returns the order as a client sends it. */
    public static ObjectNode order(String id, OrderContent content) {
        ObjectNode order = newObject().put("order_id", id).put("customer_id", content.customer());
        ArrayNode items = order.putArray("items");
        for (OrderContent.Line line : content.lines()) {
            ObjectNode item = items.addObject().put("name", line.name()).put("quantity", line.quantity());
            item.put("price", line.price());
        }
        return order.put("total_amount", content.total());
    }

    public static ObjectNode newObject() {
        return MAPPER.createObjectNode();
    }

    public static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }
}
