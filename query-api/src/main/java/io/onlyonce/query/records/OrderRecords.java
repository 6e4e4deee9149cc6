package io.onlyonce.query.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.kafka.RecordReader;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Reads the records of an order from Kafka. The tables contain their coordinates. */
@RestController
@Tag(name = "Orders")
final class OrderRecords {
    /** Each record is a request to Kafka. */
    private static final int MAX_RECORDS = 20;

    /** A W3C traceparent is VERSION-TRACE_ID-PARENT_ID-FLAGS. */
    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-.*");

    private final JdbcClient jdbc;
    private final RecordReader reader;
    private final String traceUrl;

    OrderRecords(JdbcClient jdbc, RecordReader reader, QueryProperties properties) {
        this.jdbc = jdbc;
        this.reader = reader;
        this.traceUrl = properties.traceUrl();
    }

    private record Coordinates(String topic, int partition, long offset) {}

    /**
     * A record of `orders` or `orders.processed`.
     *
     * @param appendedAt the timestamp of the record; null if the record was deleted, like the following fields
     * @param valueBytes the size of the value
     * @param traceId null if the client sent the record without `traceparent`
     * @param traceUrl the address of the trace; null if traces are not stored
     */
    record OrderRecord(
            String topic,
            int partition,
            long offset,
            @Nullable Instant appendedAt,
            @Nullable Integer valueBytes,
            @Nullable String traceId,
            @Nullable String traceUrl) {}

    /** @param records at most 20, in the order of the topics and offsets */
    record OrderRecordList(List<OrderRecord> records) {}

    @GetMapping("/orders/{order_id}/records")
    @Operation(
            operationId = "listOrderRecords",
            summary = "Returns the records of an order in `orders` and `orders.processed`, with their trace ids")
    OrderRecordList records(@PathVariable("order_id") String orderId) {
        List<Coordinates> coordinates = jdbc.sql("""
                        SELECT 'orders' AS topic, source_partition AS partition, source_offset AS "offset"
                          FROM processed_messages WHERE order_id = :order
                        UNION SELECT 'orders', source_partition, source_offset FROM duplicate_messages WHERE order_id = :order
                        UNION SELECT 'orders.processed', __connect_partition, __connect_offset
                          FROM processed_messages WHERE order_id = :order
                        ORDER BY topic, partition, "offset" LIMIT :limit""")
                .param("order", orderId)
                .param("limit", MAX_RECORDS)
                .query(Coordinates.class)
                .list();
        if (coordinates.isEmpty()) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "The order " + orderId + " does not exist or is not stored yet");
        }
        byte[] key = orderId.getBytes(UTF_8);
        return new OrderRecordList(
                coordinates.stream().map(record -> read(record, key)).toList());
    }

    private OrderRecord read(Coordinates at, byte[] key) {
        Optional<ConsumerRecord<byte[], byte[]>> record = reader.find(
                        new TopicPartition(at.topic, at.partition), at.offset)
                // After the topic was created again, another record has this offset.
                .filter(found -> Arrays.equals(found.key(), key));
        Optional<String> trace = record.flatMap(OrderRecords::traceId);
        return new OrderRecord(
                at.topic,
                at.partition,
                at.offset,
                record.map(found -> Instant.ofEpochMilli(found.timestamp())).orElse(null),
                record.map(found -> found.value().length).orElse(null),
                trace.orElse(null),
                trace.filter(id -> !traceUrl.isEmpty()).map(id -> traceUrl + id).orElse(null));
    }

    private static Optional<String> traceId(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader("traceparent");
        if (header == null || header.value() == null) {
            return Optional.empty();
        }
        Matcher matcher = TRACEPARENT.matcher(new String(header.value(), UTF_8));
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
