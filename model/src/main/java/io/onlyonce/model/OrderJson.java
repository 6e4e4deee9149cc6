package io.onlyonce.model;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads and writes the JSON of the topics. Thread-safe.
 *
 * <p>Reading is strict: an unknown field, a repeated field or a value of another JSON type is an error, because ignoring
 * it would lose data. Every read method throws {@link InvalidOrderException} if the bytes violate the contract.
 *
 * <p>Reads with Jackson's streaming API. Jackson databind, equally strict (unknown and repeated properties, trailing
 * tokens, no coercion), needs 2.3 instead of 1.3 microseconds of CPU time for an order of 240 bytes, which is 6 to 8 % of
 * the stream's total cost per order, before its exceptions are translated into paths of fields.
 */
public final class OrderJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .build();

    /** Only white space and escapes make an order larger. Newly written text is accepted by every topic. */
    private static final int MAX_KEPT_BYTES = 512 * 1024;

    /** Bounds the size of an exception. */
    private static final int MAX_ERRORS = 20;

    private OrderJson() {}

    /** @param json the value of a record in the topic {@code orders} */
    public static Order readOrder(byte[] json) {
        return read(json, new OrderFields()).draft().toOrder(null, null);
    }

    /** Reads an order and keeps its text if that is UTF-8, not mostly white space, and has the precision of the order. */
    public static DecodedOrder decode(byte[] json) {
        OrderFields fields = read(json, new OrderFields());
        Order order = fields.draft().toOrder(null, null);
        boolean exact = fields.exactAmounts && fields.createdAt.equals(order.createdAt());
        // The parser also accepts UTF-16, UTF-32 and a byte order mark. UTF-8 text cannot be appended to these.
        boolean utf8 = json[0] > 0 && json[1] != 0;
        return new DecodedOrder(order, exact && utf8 && json.length <= MAX_KEPT_BYTES ? json : write(order));
    }

    /** @param json the value of a record in the topic {@code orders.processed} */
    public static ProcessedOrder readProcessed(byte[] json) {
        return read(json, new ProcessedFields()).processed();
    }

    /** @param json the order of a client, UTF-8 */
    public static OrderDraft readDraft(byte[] json) {
        return read(json, new OrderFields()).draft();
    }

    /**
     * @param json the batch of a client, {@code {"orders":[…]}}, UTF-8
     * @param limit maximum number of orders
     * @return at least one draft, in the order of the batch
     * @throws InvalidOrderException the path of an invalid field starts with {@code orders[i]}
     */
    public static List<OrderDraft> readDrafts(byte[] json, int limit) {
        var batch = new Fields() {
            private List<OrderDraft> drafts;

            @Override
            public void read(String name, JsonParser parser) {
                if (!name.equals("orders")) {
                    throw new InvalidOrderException(name, "is not a field of a batch");
                }
                drafts = readArray(parser, once(name, drafts), limit, OrderFields::new, OrderFields::draft);
            }
        };
        return Rules.notEmpty("orders", read(json, batch).drafts);
    }

    public static byte[] write(Order order) {
        return write(json -> writeFields(json, order));
    }

    public static byte[] write(ProcessedOrder processed) {
        return write(json -> {
            writeFields(json, processed.order());
            json.writeStringProperty("status", ProcessedOrder.STATUS);
            json.writeStringProperty("processed_at", processed.processedAt().toString());
            json.writeStringProperty("consumer_id", processed.consumerId());
            json.writeStringProperty(
                    "processing_mode", processed.processingMode().wireName());
            json.writeNumberProperty("partition", processed.partition());
            json.writeNumberProperty("offset", processed.offset());
        });
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
            json.writeBooleanProperty("conflict", duplicate.isConflict());
            if (duplicate.isConflict()) {
                json.writeObjectPropertyStart("order");
                writeFields(json, duplicate.conflictingOrder());
                json.writeEndObject();
            }
        });
    }

    private static byte[] write(Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            fields.accept(json);
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

    /** The fields of one JSON object, which can come in any order. */
    private interface Fields {
        /** @param parser at the value of the field */
        void read(String name, JsonParser parser);

        /** @return the errors of the values that were read, and of missing fields */
        default List<InvalidOrderException> errors() {
            return List.of();
        }
    }

    private static <F extends Fields> F read(byte[] json, F fields) {
        if (json == null) {
            throw new InvalidOrderException("", "the record has no value");
        }
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new InvalidOrderException("", "the value is not an object");
            }
            readFields(parser, fields);
            if (parser.nextToken() != null) {
                throw new InvalidOrderException("", "unexpected content after the JSON object");
            }
            return fields;
        } catch (JacksonException e) {
            throw new InvalidOrderException("", "not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** Continues after an invalid field, so that the exception contains all of them. */
    private static <F extends Fields> F readFields(JsonParser parser, F fields) {
        int depth = parser.streamReadContext().getNestingDepth();
        Map<String, InvalidOrderException> invalid = null;
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            try {
                fields.read(name, parser);
            } catch (InvalidOrderException e) {
                invalid = invalid == null ? new LinkedHashMap<>() : invalid;
                if (invalid.size() < MAX_ERRORS) {
                    invalid.putIfAbsent(name, e);
                }
                leave(parser, depth);
            }
        }
        if (invalid != null) {
            for (InvalidOrderException e : fields.errors()) {
                invalid.putIfAbsent(e.field(), e);
            }
            throw InvalidOrderException.all(List.copyOf(invalid.values()));
        }
        return fields;
    }

    /** Moves to the end of a value that was not read completely. */
    private static void leave(JsonParser parser, int depth) {
        while (parser.streamReadContext().getNestingDepth() > depth) {
            parser.nextToken();
        }
    }

    /** @return the exceptions that the actions throw */
    @SafeVarargs
    static List<InvalidOrderException> errors(Supplier<Object>... actions) {
        List<InvalidOrderException> errors = new ArrayList<>();
        for (Supplier<Object> action : actions) {
            try {
                var _ = action.get();
            } catch (InvalidOrderException e) {
                errors.add(e);
            }
        }
        return errors;
    }

    /** Reads an array of objects. The limit bounds the memory. */
    private static <F extends Fields, T> List<T> readArray(
            JsonParser parser, String field, int limit, Supplier<F> fields, Function<F, T> element) {
        expect(JsonToken.START_ARRAY, "an array", parser, field);
        List<T> elements = new ArrayList<>();
        int depth = parser.streamReadContext().getNestingDepth();
        List<InvalidOrderException> invalid = new ArrayList<>(0);
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY && invalid.size() < MAX_ERRORS; i++) {
            Rules.atMost(limit, field, i + 1);
            try {
                expect(JsonToken.START_OBJECT, "an object", parser, "");
                elements.add(element.apply(readFields(parser, fields.get())));
            } catch (InvalidOrderException e) {
                invalid.add(e.within(field + "[" + i + "]"));
                leave(parser, depth);
            }
        }
        if (!invalid.isEmpty()) {
            throw InvalidOrderException.all(invalid);
        }
        return elements;
    }

    private static class OrderFields implements Fields {
        private String orderId;
        private String customerId;
        private List<OrderItem> items;
        private BigDecimal totalAmount;
        private Instant createdAt;
        /** Whether every amount has the precision of an order. */
        private boolean exactAmounts = true;

        @Override
        public void read(String name, JsonParser parser) {
            switch (name) {
                case "order_id" -> orderId = text(parser, once(name, orderId));
                case "customer_id" -> customerId = text(parser, once(name, customerId));
                case "items" ->
                    items = readArray(parser, once(name, items), Rules.MAX_ITEMS, ItemFields::new, ItemFields::item);
                case "total_amount" -> totalAmount = amount(parser, once(name, totalAmount));
                case "created_at" -> createdAt = Rules.instant(name, text(parser, once(name, createdAt)));
                default -> throw new InvalidOrderException(name, "is not a field of an order");
            }
        }

        private final class ItemFields implements Fields {
            private String name;
            private Integer quantity;
            private BigDecimal price;

            @Override
            public void read(String field, JsonParser parser) {
                switch (field) {
                    case "name" -> name = text(parser, once(field, name));
                    case "quantity" -> quantity = wholeNumber(parser, once(field, quantity), JsonParser::getIntValue);
                    case "price" -> price = amount(parser, once(field, price));
                    default -> throw new InvalidOrderException(field, "is not a field of an item");
                }
            }

            OrderItem item() {
                try {
                    return new OrderItem(name, Rules.required("quantity", quantity), price);
                } catch (InvalidOrderException e) {
                    throw InvalidOrderException.all(errors());
                }
            }

            @Override
            public List<InvalidOrderException> errors() {
                return OrderJson.errors(
                        () -> new OrderItem(name, 1, BigDecimal.ONE),
                        () -> new OrderItem("name", Rules.required("quantity", quantity), BigDecimal.ONE),
                        () -> new OrderItem("name", 1, price));
            }
        }

        private BigDecimal amount(JsonParser parser, String field) {
            if (!parser.currentToken().isNumeric()) {
                throw new InvalidOrderException(field, "is not a number");
            }
            BigDecimal value = parser.getDecimalValue();
            exactAmounts &= value.scale() == Rules.MONEY_SCALE;
            return value;
        }

        OrderDraft draft() {
            return new OrderDraft(orderId, customerId, items, totalAmount, createdAt);
        }

        @Override
        public List<InvalidOrderException> errors() {
            return draft().errors();
        }
    }

    private static final class ProcessedFields extends OrderFields {
        private String status;
        private Instant processedAt;
        private String consumerId;
        private ProcessingMode processingMode;
        private Integer partition;
        private Long offset;

        @Override
        public void read(String name, JsonParser parser) {
            switch (name) {
                case "status" -> status = text(parser, once(name, status));
                case "processed_at" -> processedAt = Rules.instant(name, text(parser, once(name, processedAt)));
                case "consumer_id" -> consumerId = text(parser, once(name, consumerId));
                case "processing_mode" -> processingMode = mode(parser, once(name, processingMode));
                case "partition" -> partition = wholeNumber(parser, once(name, partition), JsonParser::getIntValue);
                case "offset" -> offset = wholeNumber(parser, once(name, offset), JsonParser::getLongValue);
                default -> super.read(name, parser);
            }
        }

        ProcessedOrder processed() {
            if (!ProcessedOrder.STATUS.equals(status)) {
                throw new InvalidOrderException("status", "is not " + ProcessedOrder.STATUS);
            }
            return new ProcessedOrder(
                    draft().toOrder(null, null),
                    processedAt,
                    Rules.required("consumer_id", consumerId),
                    Rules.required("processing_mode", processingMode),
                    Rules.required("partition", partition),
                    Rules.required("offset", offset));
        }
    }

    /** Rejects a repeated field. Faster than Jackson's STRICT_DUPLICATE_DETECTION, which keeps a set of names. */
    private static String once(String field, Object previous) {
        if (previous != null) {
            throw new InvalidOrderException(field, "appears twice");
        }
        return field;
    }

    private static String text(JsonParser parser, String field) {
        expect(JsonToken.VALUE_STRING, "a string", parser, field);
        return parser.getString();
    }

    private static <N> N wholeNumber(JsonParser parser, String field, Function<JsonParser, N> value) {
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number", parser, field);
        try {
            return value.apply(parser);
        } catch (JacksonException e) {
            throw new InvalidOrderException(field, "is too large", e);
        }
    }

    private static ProcessingMode mode(JsonParser parser, String field) {
        try {
            return ProcessingMode.of(text(parser, field));
        } catch (IllegalArgumentException e) {
            throw new InvalidOrderException(field, "is not a processing mode", e);
        }
    }

    private static void expect(JsonToken expected, String type, JsonParser parser, String field) {
        if (parser.currentToken() != expected) {
            throw new InvalidOrderException(field, "is not " + type);
        }
    }
}
