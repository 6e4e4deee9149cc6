package io.onlyonce.query.records;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.query.QueryProperties;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.RecordReader;
import io.onlyonce.query.kafka.RecordReader.Position;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    /** Of each topic. Under exactly-once, an order has one processed record, and one record in `orders` per request. */
    private static final int MAX_RECORDS = 10;

    /** A read keeps up to 1 MiB in memory. */
    private static final int MAX_CONCURRENT = 4;

    /** A W3C traceparent is VERSION-TRACE_ID-PARENT_ID-FLAGS. */
    private static final Pattern TRACEPARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-.*");

    private final JdbcClient jdbc;
    private final RecordReader reader;
    private final String traceUrl;
    private final Semaphore permits = new Semaphore(MAX_CONCURRENT);

    OrderRecords(JdbcClient jdbc, RecordReader reader, QueryProperties properties) {
        this.jdbc = jdbc;
        this.reader = reader;
        this.traceUrl = properties.traceUrl();
    }

    /**
     * A record of `orders` or `orders.processed`.
     *
     * @param appendedAt the timestamp of the record; null if the record was deleted, like the following fields
     * @param valueBytes the size of the value in bytes
     * @param traceId null if the record has no valid header `traceparent`
     * @param traceUrl the address of the trace; null without a trace id or without the setting TRACE_URL
     */
    record OrderRecord(
            String topic,
            int partition,
            long offset,
            @Nullable Instant appendedAt,
            @Nullable Integer valueBytes,
            @Nullable String traceId,
            @Nullable String traceUrl) {}

    /**
     * @param records sorted by topic, partition and offset
     * @param complete false if a topic contains more than 10 records of the order
     */
    record OrderRecordList(List<OrderRecord> records, boolean complete) {}

    @GetMapping("/orders/{order_id}/records")
    @Operation(
            operationId = "listOrderRecords",
            summary = "Returns the records of an order in `orders` and `orders.processed`, with their trace ids")
    OrderRecordList records(@PathVariable("order_id") String orderId) {
        List<Position> sources = positions(orderId, """
                SELECT 'orders' AS topic, source_partition AS partition, source_offset AS "offset"
                  FROM processed_messages WHERE order_id = :order
                UNION SELECT 'orders', source_partition, source_offset FROM duplicate_messages WHERE order_id = :order
                ORDER BY partition, "offset" LIMIT :limit + 1""");
        List<Position> processed = positions(orderId, """
                SELECT 'orders.processed' AS topic, __connect_partition AS partition, __connect_offset AS "offset"
                  FROM processed_messages WHERE order_id = :order ORDER BY partition, "offset" LIMIT :limit + 1""");
        if (sources.isEmpty()) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "The order " + orderId + " does not exist or is not stored yet");
        }
        List<Position> all = Stream.of(sources, processed)
                .flatMap(positions -> positions.stream().limit(MAX_RECORDS))
                .toList();
        boolean complete = sources.size() <= MAX_RECORDS && processed.size() <= MAX_RECORDS;
        return new OrderRecordList(read(all, orderId.getBytes(UTF_8)), complete);
    }

    private record Coordinates(String topic, int partition, long offset) {}

    private List<Position> positions(String orderId, String query) {
        return jdbc
                .sql(query)
                .param("order", orderId)
                .param("limit", MAX_RECORDS)
                .query(Coordinates.class)
                .list()
                .stream()
                .map(at -> new Position(new TopicPartition(at.topic, at.partition), at.offset))
                .toList();
    }

    private List<OrderRecord> read(List<Position> positions, byte[] key) {
        if (!permits.tryAcquire()) {
            throw new UnavailableException("%d requests already read the records of an order".formatted(MAX_CONCURRENT))
                    .retryAfter(1);
        }
        try {
            Map<Position, OrderRecord> found = new HashMap<>();
            reader.read(positions, record -> {
                // If the topic was deleted and created again, another record can have this offset.
                if (Arrays.equals(record.key(), key)) {
                    found.put(Position.of(record), orderRecord(record));
                }
            });
            return positions.stream()
                    .map(position -> found.getOrDefault(position, deleted(position)))
                    .toList();
        } finally {
            permits.release();
        }
    }

    private static OrderRecord deleted(Position at) {
        return new OrderRecord(at.partition().topic(), at.partition().partition(), at.offset(), null, null, null, null);
    }

    private OrderRecord orderRecord(ConsumerRecord<byte[], byte[]> record) {
        Optional<String> trace = traceId(record);
        return new OrderRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                record.serializedValueSize(),
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
