package io.onlyonce.model;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * The JSON of the topics, read and written token by token: decimals stay decimal, one pass, no reflection.
 *
 * <p>Reading is strict. A field that the contract does not know, or knows twice, is an error and not ignored: what is
 * silently dropped is lost. Safe for use by many threads.
 */
public final class OrderJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    /** More than an order can be, but for white space and escapes: written anew it is a record that every topic takes. */
    private static final int MAX_KEPT_BYTES = 512 * 1024;

    private OrderJson() {}

    /**
     * @param json a record's value in the topic {@code orders}, UTF-8
     * @throws InvalidOrderException where it is not JSON, or not an order
     */
    public static Order readOrder(byte[] json) {
        OrderFields fields = new OrderFields();
        read(json, fields::read);
        return fields.order();
    }

    /**
     * As {@link #readOrder}, and keeps the text.
     *
     * @throws InvalidOrderException where it is not JSON, or not an order
     */
    public static DecodedOrder decode(byte[] json) {
        OrderFields fields = new OrderFields();
        read(json, fields::read);
        Order order = fields.order();
        boolean usable = fields.areExact(order) && isUtf8(json) && json.length <= MAX_KEPT_BYTES;
        return new DecodedOrder(order, usable ? json : write(order));
    }

    /** The parser also reads UTF-16, UTF-32 and a byte order mark; what is appended to the text would not fit those. */
    private static boolean isUtf8(byte[] json) {
        return json[0] > 0 && json[1] != 0;
    }

    /**
     * @param json a record's value in the topic {@code orders.processed}, UTF-8
     * @throws InvalidOrderException where it is not JSON, or not a processed order
     */
    public static ProcessedOrder readProcessed(byte[] json) {
        ProcessedFields fields = new ProcessedFields();
        read(json, fields::read);
        return fields.processed();
    }

    /**
     * @param json what a client sends as one order, UTF-8
     * @throws InvalidOrderException where it is not JSON, or no draft of an order
     */
    public static OrderDraft readDraft(byte[] json) {
        OrderFields fields = new OrderFields();
        read(json, fields::read);
        return fields.draft();
    }

    /**
     * @param json what a client sends as a batch, {@code {"orders":[…]}}, UTF-8
     * @param limit of orders
     * @return the drafts in the batch's order, at least one
     * @throws InvalidOrderException where it is not JSON, or an order is no draft; the field's path begins with {@code
     *     orders[i]}
     */
    public static List<OrderDraft> readDrafts(byte[] json, int limit) {
        BatchFields fields = new BatchFields(limit);
        read(json, fields::read);
        return fields.drafts();
    }

    private interface FieldReader {
        /** The parser stands at the field's value. */
        void read(String name, JsonParser parser);
    }

    private static void read(byte[] json, FieldReader fields) {
        if (json == null) {
            throw new InvalidOrderException("", "the record has no value");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT, "");
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                fields.read(name, parser);
            }
            if (parser.nextToken() != null) {
                throw new InvalidOrderException("", "something follows the order");
            }
        } catch (JacksonException e) {
            throw new InvalidOrderException("", "not JSON: " + e.getOriginalMessage(), e);
        }
    }

    public static byte[] write(Order order) {
        return write(json -> writeFields(json, order));
    }

    public static byte[] write(ProcessedOrder processed) {
        return write(json -> {
            writeFields(json, processed.order());
            json.writeStringProperty("status", ProcessedOrder.STATUS);
            json.writeStringProperty("processed_at", processed.processedAt().toString());
            writeConsumer(json, processed.consumerId(), processed.processingMode());
            json.writeNumberProperty("partition", processed.partition());
            json.writeNumberProperty("offset", processed.offset());
        });
    }

    /** Two fields of a processed order, the same for all that one instance processes; without braces. */
    static String consumerFields(String consumerId, ProcessingMode mode) {
        String object = new String(write(json -> writeConsumer(json, consumerId, mode)), StandardCharsets.UTF_8);
        return object.substring(1, object.length() - 1);
    }

    private static void writeConsumer(JsonGenerator json, String consumerId, ProcessingMode mode) {
        json.writeStringProperty("consumer_id", consumerId);
        json.writeStringProperty("processing_mode", mode.wireName());
    }

    public static byte[] write(DuplicateOrder duplicate) {
        return write(json -> {
            json.writeStringProperty("order_id", duplicate.orderId());
            json.writeNumberProperty("partition", duplicate.partition());
            json.writeNumberProperty("offset", duplicate.offset());
            json.writeStringProperty("first_seen_at", duplicate.firstSeenAt().toString());
            json.writeNumberProperty("first_offset", duplicate.firstOffset());
            json.writeStringProperty("detected_at", duplicate.detectedAt().toString());
            json.writeStringProperty("consumer_id", duplicate.consumerId());
        });
    }

    private interface Fields {
        void writeTo(JsonGenerator json);
    }

    private static byte[] write(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            fields.writeTo(json);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void writeFields(JsonGenerator json, Order order) {
        json.writeStringProperty("order_id", order.orderId());
        json.writeStringProperty("customer_id", order.customerId());
        json.writeArrayPropertyStart("items");
        for (OrderItem item : order.items()) {
            json.writeStartObject();
            json.writeStringProperty("name", item.name());
            json.writeNumberProperty("quantity", item.quantity());
            json.writeNumberProperty("price", item.price());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberProperty("total_amount", order.totalAmount());
        json.writeStringProperty("created_at", order.createdAt().toString());
    }

    /** The fields of an order while they are being read, in whatever order they come. */
    private static final class OrderFields {
        private String orderId;
        private String customerId;
        private List<OrderItem> items;
        private BigDecimal totalAmount;
        private Instant createdAt;
        private boolean otherScale;

        void read(String name, JsonParser parser) {
            switch (name) {
                case "order_id" -> orderId = text(parser, once(name, orderId));
                case "customer_id" -> customerId = text(parser, once(name, customerId));
                case "items" -> items = items(parser, once(name, items));
                case "total_amount" -> totalAmount = decimal(parser, once(name, totalAmount));
                case "created_at" -> createdAt = instant(parser, once(name, createdAt));
                default -> throw new InvalidOrderException(name, "is not a field of an order");
            }
        }

        /** Whether the text says what the order does to the digit: two decimals, no more than microseconds. */
        boolean areExact(Order order) {
            return !otherScale && createdAt.equals(order.createdAt());
        }

        Order order() {
            return new Order(orderId, customerId, items, totalAmount, createdAt);
        }

        OrderDraft draft() {
            return new OrderDraft(orderId, customerId, items, totalAmount, createdAt);
        }

        private List<OrderItem> items(JsonParser parser, String field) {
            expect(parser.currentToken(), JsonToken.START_ARRAY, field);
            List<OrderItem> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (items.size() == Rules.MAX_ITEMS) {
                    throw new InvalidOrderException("items", "has more than " + Rules.MAX_ITEMS + " entries");
                }
                String path = "items[" + items.size() + "]";
                expect(parser.currentToken(), JsonToken.START_OBJECT, path);
                try {
                    items.add(item(parser));
                } catch (InvalidOrderException e) {
                    throw e.within(path);
                }
            }
            return items;
        }

        private OrderItem item(JsonParser parser) {
            String itemName = null;
            Integer quantity = null;
            BigDecimal price = null;
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                switch (name) {
                    case "name" -> itemName = text(parser, once(name, itemName));
                    case "quantity" -> quantity = integer(parser, once(name, quantity));
                    case "price" -> price = decimal(parser, once(name, price));
                    default -> throw new InvalidOrderException(name, "is not a field of an item");
                }
            }
            if (quantity == null) {
                throw new InvalidOrderException("quantity", "is missing");
            }
            return new OrderItem(itemName, quantity, price);
        }

        private BigDecimal decimal(JsonParser parser, String field) {
            if (!parser.currentToken().isNumeric()) {
                throw new InvalidOrderException(field, "is not a number");
            }
            BigDecimal value = parser.getDecimalValue();
            otherScale |= value.scale() != Rules.MONEY_SCALE;
            return value;
        }
    }

    private static final class BatchFields {
        private final int limit;
        private List<OrderDraft> drafts;

        BatchFields(int limit) {
            this.limit = limit;
        }

        void read(String name, JsonParser parser) {
            if (!name.equals("orders")) {
                throw new InvalidOrderException(name, "is not a field of a batch");
            }
            once(name, drafts);
            expect(parser.currentToken(), JsonToken.START_ARRAY, name);
            drafts = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (drafts.size() == limit) {
                    throw new InvalidOrderException(name, "has more than " + limit + " entries");
                }
                String path = "orders[" + drafts.size() + "]";
                expect(parser.currentToken(), JsonToken.START_OBJECT, path);
                try {
                    drafts.add(draft(parser));
                } catch (InvalidOrderException e) {
                    throw e.within(path);
                }
            }
        }

        private static OrderDraft draft(JsonParser parser) {
            OrderFields fields = new OrderFields();
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                parser.nextToken();
                fields.read(name, parser);
            }
            return fields.draft();
        }

        List<OrderDraft> drafts() {
            if (drafts == null) {
                throw new InvalidOrderException("orders", "is missing");
            }
            if (drafts.isEmpty()) {
                throw new InvalidOrderException("orders", "is empty");
            }
            return drafts;
        }
    }

    /** What the stream has added to an order. */
    private static final class ProcessedFields {
        private final OrderFields order = new OrderFields();
        private String status;
        private Instant processedAt;
        private String consumerId;
        private ProcessingMode processingMode;
        private Integer partition;
        private Long offset;

        void read(String name, JsonParser parser) {
            switch (name) {
                case "status" -> status = text(parser, once(name, status));
                case "processed_at" -> processedAt = instant(parser, once(name, processedAt));
                case "consumer_id" -> consumerId = text(parser, once(name, consumerId));
                case "processing_mode" -> processingMode = mode(parser, once(name, processingMode));
                case "partition" -> partition = integer(parser, once(name, partition));
                case "offset" -> offset = wholeNumber(parser, once(name, offset));
                default -> order.read(name, parser);
            }
        }

        ProcessedOrder processed() {
            if (!ProcessedOrder.STATUS.equals(status)) {
                throw new InvalidOrderException("status", "is not " + ProcessedOrder.STATUS);
            }
            return new ProcessedOrder(
                    order.order(),
                    processedAt,
                    present("consumer_id", consumerId),
                    present("processing_mode", processingMode),
                    present("partition", partition),
                    present("offset", offset));
        }

        private static <T> T present(String field, T value) {
            if (value == null) {
                throw new InvalidOrderException(field, "is missing");
            }
            return value;
        }
    }

    /**
     * Refuses a field's second value. (The parser could look out for this itself, at the price of a set of names per
     * object.)
     */
    private static String once(String field, Object before) {
        if (before != null) {
            throw new InvalidOrderException(field, "appears twice");
        }
        return field;
    }

    private static String text(JsonParser parser, String field) {
        expect(parser.currentToken(), JsonToken.VALUE_STRING, field);
        return parser.getString();
    }

    private static int integer(JsonParser parser, String field) {
        long value = wholeNumber(parser, field);
        if (value > Integer.MAX_VALUE || value < Integer.MIN_VALUE) {
            throw new InvalidOrderException(field, "is too large");
        }
        return (int) value;
    }

    private static long wholeNumber(JsonParser parser, String field) {
        expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, field);
        try {
            return parser.getLongValue();
        } catch (JacksonException e) {
            throw new InvalidOrderException(field, "is too large", e);
        }
    }

    private static ProcessingMode mode(JsonParser parser, String field) {
        String name = text(parser, field);
        try {
            return ProcessingMode.of(name);
        } catch (IllegalArgumentException e) {
            throw new InvalidOrderException(field, "is not a processing mode", e);
        }
    }

    private static Instant instant(JsonParser parser, String field) {
        String text = text(parser, field);
        try {
            return Timestamps.parse(text);
        } catch (DateTimeException e) {
            throw new InvalidOrderException(field, "is not a time in ISO 8601 with an offset", e);
        }
    }

    private static void expect(JsonToken actual, JsonToken expected, String field) {
        if (actual != expected) {
            String kind = switch (expected) {
                case START_OBJECT -> "an object";
                case START_ARRAY -> "an array";
                case VALUE_NUMBER_INT -> "a whole number";
                default -> "a string";
            };
            throw new InvalidOrderException(field, (field.isEmpty() ? "the value is not " : "is not ") + kind);
        }
    }
}
