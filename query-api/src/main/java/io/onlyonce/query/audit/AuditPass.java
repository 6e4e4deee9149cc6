package io.onlyonce.query.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.model.DeadLetter;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.model.OrderJson;
import io.onlyonce.model.ProcessedOrder;
import io.onlyonce.model.Topics;
import io.onlyonce.query.kafka.PartitionOffsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * One pass: everything about a share of the ids, held in memory, compared, and let go.
 *
 * <p>The system runs on meanwhile, so the order of looking is what makes the comparison fair. First, before any pass,
 * the offsets that the stream and the connectors have committed: what is below them must have an outcome, a row. Then
 * the tables. Then the end of {@code orders.processed}: every row was made from a committed record below it. Then the
 * end of {@code orders}: every processed record has its source below that. Whatever comes later is not looked at.
 */
final class AuditPass {
    private final Slice slice;
    private final Logs logs;
    private final Tables tables;
    private final Committed committed;
    private final Findings findings;
    private final AuditClock clock;
    private final CommittedReader reader;

    private final Map<String, Account> accounts = new HashMap<>();
    /** Records of `orders` that are no orders. */
    private final Set<Long> invalid = new HashSet<>();

    private final Set<Long> deadLetters = new HashSet<>();

    AuditPass(
            Slice slice,
            Logs logs,
            Tables tables,
            Committed committed,
            Findings findings,
            AuditClock clock,
            CommittedReader reader) {
        this.slice = slice;
        this.logs = logs;
        this.tables = tables;
        this.committed = committed;
        this.findings = findings;
        this.clock = clock;
        this.reader = reader;
    }

    void run() {
        tables.readProcessedRows(slice, clock, (orderId, at) -> {
            findings.processedRow();
            account(orderId).row(at);
        });
        tables.readOrderRows(slice, clock, (orderId, content, source) -> {
            findings.orderRow();
            account(orderId).orderRow(content, source);
        });
        var processed = logs.settledEnds(Topics.PROCESSED, clock);
        var refused = logs.settledEnds(Topics.DEAD_LETTERS, clock);
        var orders = logs.offsets(Topics.ORDERS);
        read(Topics.ORDERS, Logs.map(orders, PartitionOffsets::lastStable), this::source);
        read(Topics.PROCESSED, processed, this::output);
        read(Topics.DEAD_LETTERS, refused, this::deadLetter);
        // Where the logs begin is asked last: what retention deleted while this pass read is then known as deleted.
        judge(new Horizon(
                committed.orders(),
                deadLetters,
                committed.processedRows(),
                committed.orderRows(),
                Logs.map(logs.offsets(Topics.ORDERS), PartitionOffsets::logStart),
                Logs.map(logs.offsets(Topics.PROCESSED), PartitionOffsets::logStart)));
    }

    private void read(String topic, Map<Integer, Long> ends, CommittedReader.Visitor visitor) {
        reader.read(topic, logs.offsets(topic), ends, record -> {
            if (slice.holds(record.key())) {
                visitor.visit(record);
            }
        });
    }

    private void source(ConsumerRecord<byte[], byte[]> record) {
        long at = At.of(record.partition(), record.offset());
        try {
            Order order = OrderJson.readOrder(record.value());
            if (order.orderId().equals(text(record.key()))) {
                account(order.orderId()).source(at, Content.of(order));
                return;
            }
        } catch (InvalidOrderException e) {
            // Not an order: below.
        }
        invalid.add(at);
    }

    private void output(ConsumerRecord<byte[], byte[]> record) {
        findings.processedRecord();
        long at = At.of(record.partition(), record.offset());
        String key = text(record.key());
        try {
            ProcessedOrder processed = OrderJson.readProcessed(record.value());
            if (processed.order().orderId().equals(key)) {
                account(key)
                        .output(at, At.of(processed.partition(), processed.offset()), Content.of(processed.order()));
                return;
            }
        } catch (InvalidOrderException e) {
            // Not a processed order: below.
        }
        account(key).output(at, At.NOWHERE, Content.NONE);
    }

    private void deadLetter(ConsumerRecord<byte[], byte[]> record) {
        if (!Topics.ORDERS.equals(header(record, DeadLetter.TOPIC))) {
            return;
        }
        try {
            deadLetters.add(At.of(
                    Integer.parseInt(header(record, DeadLetter.PARTITION)),
                    Long.parseLong(header(record, DeadLetter.OFFSET))));
        } catch (NumberFormatException e) {
            // Says not whose dead letter it is, so it is nobody's; the record it stands for will be missing.
        }
    }

    private void judge(Horizon horizon) {
        findings.deadLetters(deadLetters.size());
        for (long at : invalid) {
            if (horizon.isPassed(at) && !horizon.isDeadLetter(at)) {
                findings.fault(Fault.MISSING, AuditReport.Example.of(null, at));
            }
        }
        accounts.forEach((orderId, account) -> {
            if (account.isDue(horizon)) {
                findings.order();
            }
            if (account.isSourceDeleted(horizon)) {
                findings.sourceDeleted();
            }
            for (Fault fault : account.faults(horizon)) {
                findings.fault(fault, AuditReport.Example.of(orderId, account.firstDue(horizon)));
            }
        });
    }

    private Account account(String orderId) {
        return accounts.computeIfAbsent(orderId, id -> new Account());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : text(header.value());
    }

    private static String text(byte[] bytes) {
        return bytes == null ? "" : new String(bytes, UTF_8);
    }
}
