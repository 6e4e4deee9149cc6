package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.DeadLetter;
import io.onlyonce.query.audit.AuditScope.CommittedOffsets;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

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
 *   <li>The ends of {@code orders.dlq} and {@code orders.duplicates}.
 *   <li>The end of {@code orders}. Every processed record that was read has its source below this offset.
 *   <li>After the records, the log start offsets, which show the records that retention deleted during the pass.
 * </ol>
 */
final class AuditPass {
    private static final JsonMapper JSON = new JsonMapper();
    private static final byte[] NO_OBJECT = "null".getBytes(UTF_8);

    private final Shard shard;
    private final TopicReader topics;
    private final TableReader tables;
    private final CommittedOffsets committed;
    private final PassMemory memory;
    private final Findings findings;

    private final Map<String, OrderHistory> histories = new HashMap<>();
    private final Set<Long> invalidSources = new HashSet<>();
    private final Set<Long> deadLetters = new HashSet<>();
    /** The coordinates in `orders` of the duplicates that the stream marked as conflicts. */
    private final Set<Long> conflicts = new HashSet<>();

    AuditPass(
            Shard shard,
            TopicReader topics,
            TableReader tables,
            CommittedOffsets committed,
            PassMemory memory,
            Findings findings) {
        this.shard = shard;
        this.topics = topics;
        this.tables = tables;
        this.committed = committed;
        this.memory = memory;
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

    /** @throws PassMemory.ExceededException if the records of the shard need too much memory */
    void run() {
        tables.readProcessedRows(shard, (orderId, coordinates) -> {
            findings.processedRows++;
            memory.addEntry();
            history(orderId).addProcessedRow(coordinates);
        });
        tables.readOrderRows(shard, (orderId, fingerprint, source) -> {
            findings.orderRows++;
            history(orderId).setOrderRow(fingerprint, source);
        });
        tables.readConflicts(shard, this::addConflict);
        var processedEnds = topics.stableEnds(Topics.PROCESSED);
        var deadLetterEnds = topics.stableEnds(Topics.DEAD_LETTERS);
        var duplicatesEnds = topics.stableEnds(Topics.DUPLICATES);
        var ordersEnds = topics.offsets(Topics.ORDERS, PartitionOffsets::lastStable);
        read(Topics.ORDERS, ordersEnds, this::addSource);
        read(Topics.PROCESSED, processedEnds, this::addOutput);
        read(Topics.DEAD_LETTERS, deadLetterEnds, this::addDeadLetter);
        read(Topics.DUPLICATES, duplicatesEnds, this::addDuplicate);
        report(new AuditScope(
                committed,
                deadLetters,
                conflicts,
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
        memory.addEntry();
        long coordinates = RecordCoordinates.of(record.partition(), record.offset());
        try {
            Order order = OrderJson.readOrder(record.value());
            if (order.orderId().equals(text(record.key()))) {
                history(order.orderId()).addSource(coordinates, OrderFingerprint.of(order), record.timestamp());
            } else {
                invalidSources.add(coordinates);
            }
        } catch (InvalidOrderException e) {
            invalidSources.add(coordinates);
        }
    }

    private void addOutput(ConsumerRecord<byte[], byte[]> record) {
        findings.processedRecords++;
        memory.addEntry();
        OrderHistory history = history(text(record.key()));
        long coordinates = RecordCoordinates.of(record.partition(), record.offset());
        try {
            ProcessedOrder processed = OrderJson.readProcessed(record.value());
            if (processed.order().orderId().equals(text(record.key()))) {
                long source = RecordCoordinates.of(processed.partition(), processed.offset());
                history.addOutput(coordinates, source, OrderFingerprint.of(processed.order()));
                return;
            }
        } catch (InvalidOrderException e) {
            // Added as an invalid output below.
        }
        history.addOutput(coordinates, RecordCoordinates.NONE, OrderFingerprint.INVALID);
    }

    private void addDeadLetter(ConsumerRecord<byte[], byte[]> record) {
        if (!Topics.ORDERS.equals(header(record, DeadLetter.TOPIC))) {
            return;
        }
        memory.addEntry();
        try {
            deadLetters.add(RecordCoordinates.of(
                    Integer.parseInt(header(record, DeadLetter.PARTITION)),
                    Long.parseLong(header(record, DeadLetter.OFFSET))));
        } catch (NumberFormatException e) {
            // Without source coordinates, the dead letter matches no record. The audit then reports the record as
            // missing.
        }
    }

    /** Reads only the fields that the audit needs. */
    private record Duplicate(Integer partition, Long offset, Boolean conflict) {
        boolean isConflict() {
            return partition != null && offset != null && Boolean.TRUE.equals(conflict);
        }
    }

    /** An invalid record marks no conflict. The audit then reports the duplicate as an unmarked conflict. */
    private void addDuplicate(ConsumerRecord<byte[], byte[]> record) {
        try {
            Duplicate duplicate =
                    JSON.readValue(Objects.requireNonNullElse(record.value(), NO_OBJECT), Duplicate.class);
            if (duplicate != null && duplicate.isConflict()) {
                addConflict(RecordCoordinates.of(duplicate.partition(), duplicate.offset()));
            }
        } catch (JacksonException e) {
            // Not a record of the stream.
        }
    }

    private void addConflict(long source) {
        memory.addEntry();
        conflicts.add(source);
    }

    private void report(AuditScope scope) {
        findings.conflicts += conflicts.size();
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
            history.notStoredSince(deadLetters).ifPresent(findings::addNotStored);
            for (Anomaly anomaly : history.anomalies(scope)) {
                findings.add(anomaly, orderId, source);
            }
        });
    }

    private OrderHistory history(String orderId) {
        return histories.computeIfAbsent(orderId, id -> {
            memory.addOrder(id);
            return new OrderHistory();
        });
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, UTF_8);
    }
}
