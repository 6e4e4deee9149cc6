package io.onlyonce.verifier;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The verifier's own reading and writing of the contract's JSON. */
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** What is not what the contract says; the message names the field. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    /** @throws UnreadableException where it is no JSON object */
    static JsonNode object(byte[] json) throws UnreadableException {
        if (json == null) {
            throw new UnreadableException("there is no value");
        }
        return object(read(json));
    }

    /** @throws UnreadableException where it is no JSON object */
    static JsonNode object(JsonNode node) throws UnreadableException {
        if (!node.isObject()) {
            throw new UnreadableException("it is not a JSON object");
        }
        return node;
    }

    static Content content(JsonNode order) throws UnreadableException {
        return new Content(text(order, "customer_id"), lines(order.path("items")), amount(order, "total_amount"));
    }

    /** @param items the array itself */
    static List<Content.Line> lines(byte[] items) throws UnreadableException {
        return lines(read(items));
    }

    private static List<Content.Line> lines(JsonNode items) throws UnreadableException {
        if (!items.isArray()) {
            throw new UnreadableException("items is not an array");
        }
        List<Content.Line> lines = new ArrayList<>(items.size());
        for (JsonNode item : items) {
            lines.add(new Content.Line(text(item, "name"), whole(item, "quantity"), amount(item, "price")));
        }
        return lines;
    }

    static String text(JsonNode object, String field) throws UnreadableException {
        JsonNode value = object.path(field);
        if (!value.isString()) {
            throw new UnreadableException(field + " is not a string: " + value);
        }
        return value.stringValue();
    }

    static long whole(JsonNode object, String field) throws UnreadableException {
        JsonNode value = object.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new UnreadableException(field + " is not a whole number: " + value);
        }
        return value.longValue();
    }

    static BigDecimal amount(JsonNode object, String field) throws UnreadableException {
        JsonNode value = object.path(field);
        if (!value.isNumber()) {
            throw new UnreadableException(field + " is not a number: " + value);
        }
        return value.decimalValue();
    }

    static Instant instant(JsonNode object, String field) throws UnreadableException {
        String text = text(object, field);
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new UnreadableException(field + " is not a time: " + text);
        }
    }

    private static JsonNode read(byte[] json) throws UnreadableException {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new UnreadableException("it is not JSON: " + e.getOriginalMessage());
        }
    }

    /** The order as a client sends it. */
    static ObjectNode order(String id, Content content) {
        ObjectNode order = MAPPER.createObjectNode();
        order.put("order_id", id);
        order.put("customer_id", content.customer());
        ArrayNode items = order.putArray("items");
        for (Content.Line line : content.lines()) {
            items.addObject()
                    .put("name", line.name())
                    .put("quantity", line.quantity())
                    .put("price", line.price());
        }
        order.put("total_amount", content.total());
        return order;
    }

    static ObjectNode batch(List<ObjectNode> orders) {
        ObjectNode batch = MAPPER.createObjectNode();
        batch.putArray("orders").addAll(orders);
        return batch;
    }

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(JsonNode node) {
        return MAPPER.writeValueAsBytes(node);
    }
}
