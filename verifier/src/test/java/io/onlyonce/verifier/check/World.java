package io.onlyonce.verifier.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/**
 * A synthetic history: the records and rows that a pipeline wrote, and the ledger of the requests. It follows the
 * contract unless a test plants an anomaly.
 */
final class World {
    static final int PARTITIONS = 3;
    static final Instant CREATED = Instant.parse("2026-11-23T10:15:30.123456Z");
    static final Instant PROCESSED = Instant.parse("2026-11-23T10:15:31Z");

    /** A record in a topic. */
    record Stored(int partition, long offset, String key, ObjectNode value) {}

    final OrderPlan plan;
    final Guarantee mode;
    final Ledger ledger;
    final Map<Topic, List<Stored>> topics = new EnumMap<>(Topic.class);
    /** By order_id. */
    final Map<String, Stored> orderRows = new LinkedHashMap<>();

    final Map<Topic, List<Stored>> messageRows = new EnumMap<>(Topic.class);
    private final Map<Topic, long[]> ends = new EnumMap<>(Topic.class);
    private final Map<Topic, long[]> starts = new EnumMap<>(Topic.class);

    World(int orders) {
        this(new OrderPlan("w", 7, orders, 10), Guarantee.EXACTLY_ONCE);
    }

    World(OrderPlan plan, Guarantee mode) {
        this.plan = plan;
        this.mode = mode;
        ledger = new Ledger(plan.orders() + 8);
        for (Topic topic : Topic.values()) {
            topics.put(topic, new ArrayList<>());
            messageRows.put(topic, new ArrayList<>());
            // The run starts at a different offset in every partition.
            ends.put(topic, new long[] {100, 0, 7});
            starts.put(topic, new long[] {100, 0, 7});
        }
    }

    static int partition(int index) {
        return index % PARTITIONS;
    }

    /** Adds an order that was sent once, acknowledged, processed and stored. */
    void through(int index) {
        acknowledged(index);
        sink(process(order(index)));
    }

    void acknowledged(int index) {
        ledger.sending(index);
        ledger.acknowledged(index);
    }

    void unanswered(int index) {
        ledger.sending(index);
    }

    void rejected(int index) {
        ledger.sending(index);
        ledger.rejected(index);
    }

    /** Commits the order to the topic orders. */
    Stored order(int index) {
        ObjectNode value = ContractJson.order(plan.id(index), plan.content(index));
        value.put("created_at", created(index).toString());
        return append(Topic.ORDERS, partition(index), plan.id(index), value);
    }

    Instant created(int index) {
        return plan.createdAt(index).map(OffsetDateTime::toInstant).orElse(CREATED);
    }

    Stored process(Stored order) {
        return process(order, value -> value);
    }

    Stored process(Stored order, UnaryOperator<ObjectNode> change) {
        ObjectNode value = order.value.deepCopy();
        value.put("status", "processed");
        value.put("processed_at", PROCESSED.toString());
        value.put("consumer_id", "consumer-1");
        value.put("processing_mode", mode.wireName());
        value.put("partition", order.partition);
        value.put("offset", order.offset);
        return append(Topic.PROCESSED, order.partition, order.key, change.apply(value));
    }

    Stored reject(Stored order) {
        ObjectNode value = ContractJson.newObject();
        value.put("order_id", order.key);
        value.put("partition", order.partition);
        value.put("offset", order.offset);
        return append(Topic.DUPLICATES, order.partition, order.key, value);
    }

    Stored append(Topic topic, int partition, String key, ObjectNode value) {
        // Transaction markers use some of the offsets.
        long offset = ends.get(topic)[partition];
        ends.get(topic)[partition] += offset % 3 == 2 ? 2 : 1;
        Stored stored = new Stored(partition, offset, key, value);
        topics.get(topic).add(stored);
        return stored;
    }

    /** Adds the rows of a processed record. */
    void sink(Stored processed) {
        orderRows.put(processed.key, processed);
        messageRows.get(Topic.PROCESSED).add(processed);
    }

    void sinkDuplicate(Stored duplicate) {
        messageRows.get(Topic.DUPLICATES).add(duplicate);
    }

    /** Runs the checker. */
    Findings check() {
        Findings findings = new Findings();
        History history = new History(plan, mode, starts, ledger.capacity(), findings);
        for (Topic topic : Topic.values()) {
            for (Stored one : topics.get(topic)) {
                byte[] key = one.key == null ? null : one.key.getBytes(UTF_8);
                history.record(topic, one.partition, one.offset, key, ContractJson.bytes(one.value));
            }
        }
        orderRows.forEach((id, one) -> {
            try {
                history.orderRow(
                        id,
                        ContractJson.content(one.value),
                        Optional.of(ContractJson.instant(one.value, "created_at")),
                        source(one));
            } catch (InvalidJsonException e) {
                history.invalidOrderRow(id, e.getMessage());
            }
        });
        for (Topic topic : List.of(Topic.PROCESSED, Topic.DUPLICATES)) {
            messageRows
                    .get(topic)
                    .forEach(one -> history.messageRow(topic, one.partition, one.offset, one.key, source(one)));
        }
        new Checker(plan, ledger, history, findings).check();
        return findings;
    }

    private static Optional<History.Source> source(Stored row) {
        return Optional.of(new History.Source(
                row.value.get("partition").intValue(), row.value.get("offset").longValue()));
    }
}
