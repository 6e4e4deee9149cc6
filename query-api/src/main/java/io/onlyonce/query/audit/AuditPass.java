package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.DeadLetter;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.query.audit.AuditScope.CommittedOffsets;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Reads all records and rows of one shard of the order_ids into memory and compares them.
 *
 * <p>The system continues to process orders during the audit. The following reading order makes the comparison valid:
 *
 * <ol>
 *   <li>The committed offsets of the stream and of the connectors, once before the first pass. Every record below them
 *       must have a result or a row.
 *   <li>The tables.
 *   <li>The end of {@code orders.processed}. Every row that was read has its committed record below this offset.
 *   <li>The end of {@code orders}. Every processed record that was read has its source below this offset.
 *   <li>After the records, the log start offsets, which show the records that retention deleted during the pass.
 * </ol>
 */
final class AuditPass {
    private final Shard shard;
    private final TopicReader topics;
    private final TableReader tables;
    private final CommittedOffsets committed;
    private final Findings findings;

    private final Map<String, OrderHistory> histories = new HashMap<>();
    private final Set<Long> invalidSources = new HashSet<>();
    private final Set<Long> deadLetters = new HashSet<>();

    AuditPass(Shard shard, TopicReader topics, TableReader tables, CommittedOffsets committed, Findings findings) {
        this.shard = shard;
        this.topics = topics;
        this.tables = tables;
        this.committed = committed;
        this.findings = findings;
    }

    /**
     * The order_ids that one pass examines. PostgreSQL's {@code crc32(bytea)} is the same function, so that the server
     * can filter the rows.
     */
    record Shard(int index, int count) {
        private boolean contains(byte[] orderId) {
            if (count == 1) {
                return true;
            }
            CRC32 crc = new CRC32();
            if (orderId != null) {
                crc.update(orderId);
            }
            return crc.getValue() % count == index;
        }
    }

    void run() {
        tables.readProcessedRows(shard, (orderId, coordinates) -> {
            findings.processedRows++;
            history(orderId).addProcessedRow(coordinates);
        });
        tables.readOrderRows(shard, (orderId, digest, source) -> {
            findings.orderRows++;
            history(orderId).setOrderRow(digest, source);
        });
        var processedEnds = topics.stableEnds(Topics.PROCESSED);
        var deadLetterEnds = topics.stableEnds(Topics.DEAD_LETTERS);
        var ordersEnds = topics.offsets(Topics.ORDERS, PartitionOffsets::lastStable);
        read(Topics.ORDERS, ordersEnds, this::addSource);
        read(Topics.PROCESSED, processedEnds, this::addOutput);
        read(Topics.DEAD_LETTERS, deadLetterEnds, this::addDeadLetter);
        report(new AuditScope(
                committed,
                deadLetters,
                topics.offsets(Topics.ORDERS, PartitionOffsets::logStart),
                topics.offsets(Topics.PROCESSED, PartitionOffsets::logStart)));
    }

    private void read(String topic, Map<Integer, Long> ends, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        topics.read(topic, ends, record -> {
            if (shard.contains(record.key())) {
                visitor.accept(record);
            }
        });
    }

    private void addSource(ConsumerRecord<byte[], byte[]> record) {
        long coordinates = RecordCoordinates.of(record.partition(), record.offset());
        try {
            Order order = OrderJson.readOrder(record.value());
            if (order.orderId().equals(text(record.key()))) {
                history(order.orderId()).addSource(coordinates, OrderDigest.of(order));
            } else {
                invalidSources.add(coordinates);
            }
        } catch (InvalidOrderException e) {
            invalidSources.add(coordinates);
        }
    }

    private void addOutput(ConsumerRecord<byte[], byte[]> record) {
        findings.processedRecords++;
        OrderHistory history = history(text(record.key()));
        long coordinates = RecordCoordinates.of(record.partition(), record.offset());
        try {
            ProcessedOrder processed = OrderJson.readProcessed(record.value());
            if (processed.order().orderId().equals(text(record.key()))) {
                long source = RecordCoordinates.of(processed.partition(), processed.offset());
                history.addOutput(coordinates, source, OrderDigest.of(processed.order()));
                return;
            }
        } catch (InvalidOrderException e) {
            // Added as an invalid output below.
        }
        history.addOutput(coordinates, RecordCoordinates.NONE, OrderDigest.INVALID);
    }

    private void addDeadLetter(ConsumerRecord<byte[], byte[]> record) {
        if (!Topics.ORDERS.equals(header(record, DeadLetter.TOPIC))) {
            return;
        }
        try {
            deadLetters.add(RecordCoordinates.of(
                    Integer.parseInt(header(record, DeadLetter.PARTITION)),
                    Long.parseLong(header(record, DeadLetter.OFFSET))));
        } catch (NumberFormatException e) {
            // Without source coordinates, the dead letter matches no record. The audit then reports the record as
            // missing.
        }
    }

    private void report(AuditScope scope) {
        findings.deadLetters += deadLetters.size();
        for (long source : invalidSources) {
            if (scope.requiresResult(source)) {
                findings.add(Anomaly.MISSING, null, source);
            }
        }
        histories.forEach((orderId, history) -> {
            long source = history.firstRequiredSource(scope);
            if (source != RecordCoordinates.NONE) {
                findings.orders++;
            }
            if (history.isSourceDeleted(scope)) {
                findings.sourceDeleted++;
            }
            for (Anomaly anomaly : history.anomalies(scope)) {
                findings.add(anomaly, orderId, source);
            }
        });
    }

    private OrderHistory history(String orderId) {
        return histories.computeIfAbsent(orderId, id -> new OrderHistory());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, UTF_8);
    }
}
