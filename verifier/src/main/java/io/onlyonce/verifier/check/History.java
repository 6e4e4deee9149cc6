package io.onlyonce.verifier.check;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.onlyonce.verifier.plan.ContractJson;
import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import io.onlyonce.verifier.plan.OrderContent;
import io.onlyonce.verifier.plan.OrderPlan;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The content of the topics and tables of a run, as counts and flags: about 15 bytes per order and one byte per offset.
 *
 * <p>The history reports anomalies that one record or row shows. The {@link Checker} reports missing and surplus
 * records. The topics must be read first, in the order of the data flow and each partition from its first offset on;
 * then the tables.
 */
public final class History {
    // Flags of an offset. The upper five bits contain Source.hash of the record.
    static final int COMMITTED = 1;
    /** In {@code orders}: the record was processed. */
    private static final int PROCESSED = 2;
    /** In {@code orders.processed} and {@code orders.duplicates}: the table contains the row of the record. */
    static final int STORED = 4;

    private static final int HASH_SHIFT = 3;
    private static final int HASHES = 31;

    // Flags of an order. Each of the last three anomalies counts once per order.
    static final int ORDER_ROW = 1;
    static final int PROCESSED_ROW = 2;
    static final int SECOND_PROCESSED_ROW = 4;
    private static final int ALTERED = 8;
    private static final int PHANTOM = 16;
    private static final int OUT_OF_ORDER = 32;

    private final OrderPlan plan;
    private final Guarantee guarantee;
    private final Findings findings;
    private final Map<Topic, OffsetFlags> offsets = new EnumMap<>(Topic.class);
    private final Map<Topic, byte[]> records = new EnumMap<>(Topic.class);
    private final Map<Topic, Long> totals = new EnumMap<>(Topic.class);
    private final byte[] flags;
    private final byte[] firstPartition;
    private final int[] firstOffset;
    private final int[] createdAtHash;
    /** The highest offset of {@code orders} that was processed, by partition. */
    private final long[] lastProcessed;

    /** The number of records of {@code orders} that were processed again: replays, not duplicates of the client. */
    private long reprocessed;

    /**
     * @param starts the first offset of the run, by topic and partition
     * @param capacity number of orders and sentinels
     */
    public History(OrderPlan plan, Guarantee guarantee, Map<Topic, long[]> starts, int capacity, Findings findings) {
        this.plan = plan;
        this.guarantee = guarantee;
        this.findings = findings;
        for (Topic topic : Topic.values()) {
            offsets.put(topic, new OffsetFlags(starts.get(topic)));
            records.put(topic, new byte[capacity]);
            totals.put(topic, 0L);
        }
        flags = new byte[capacity];
        firstPartition = new byte[capacity];
        firstOffset = new int[capacity];
        createdAtHash = new int[capacity];
        lastProcessed = new long[starts.get(Topic.ORDERS).length];
        Arrays.fill(lastProcessed, -1);
    }

    /** The coordinates in {@code orders} that a record or a row states as its source. */
    public record Source(long partition, long offset) {
        static Source of(JsonNode value) throws InvalidJsonException {
            return new Source(ContractJson.integer(value, "partition"), ContractJson.integer(value, "offset"));
        }

        @Override
        public String toString() {
            return "partition %d, offset %d of orders".formatted(partition, offset);
        }

        /**
         * Returns a five-bit hash, so that a row can be compared with its record. One of 31 wrong rows is not detected,
         * but a sink that mixes up columns does so in every row. 0 means that the record could not be read.
         */
        int hash(String id) {
            return 1 + Math.floorMod((Objects.hash(id, partition, offset) * 0x9E3779B1) >>> 8, HASHES);
        }
    }

    /** A record or a row of one order. */
    private record Entry(String container, int partition, long offset, String id, int index) {
        boolean isUnknown() {
            return index == OrderPlan.UNKNOWN;
        }

        String describe(String what) {
            String where = offset < 0 ? "" : ", partition %d, offset %d".formatted(partition, offset);
            return container + where + ": " + what;
        }
    }

    private Entry entry(String container, int partition, long offset, String id) {
        int index = plan.index(id);
        return new Entry(container, partition, offset, id, index < flags.length ? index : OrderPlan.UNKNOWN);
    }

    public void record(Topic topic, int partition, long offset, byte[] key, byte[] value) {
        totals.merge(topic, 1L, Long::sum);
        offsets.get(topic).set(partition, offset, COMMITTED);
        Entry entry = entry(topic.wireName(), partition, offset, key == null ? "" : new String(key, UTF_8));
        try {
            switch (topic) {
                case ORDERS -> order(entry, value);
                case PROCESSED -> processed(entry, value);
                case DUPLICATES -> duplicate(entry, value);
                case DEAD_LETTERS -> {
                    if (requireKnown(entry)) {
                        count(entry, topic);
                    }
                }
            }
        } catch (InvalidJsonException e) {
            if (entry.isUnknown()) {
                findings.add(Anomaly.PHANTOM, "", entry.describe("unknown and unreadable record: " + e.getMessage()));
                return;
            }
            altered(entry, e.getMessage());
            if (count(topic, entry.index) == 0) {
                count(entry, topic);
            }
        }
    }

    private void order(Entry entry, byte[] value) throws InvalidJsonException {
        if (!requireKnown(entry)) {
            return;
        }
        int index = entry.index;
        boolean first = count(entry, Topic.ORDERS);
        if (first) {
            firstPartition[index] = (byte) entry.partition;
            firstOffset[index] = Math.toIntExact(entry.offset);
        } else if (firstPartition[index] != (byte) entry.partition) {
            outOfOrder(entry, "an earlier record of the order is in partition " + firstPartition[index]);
        }
        JsonNode order = ContractJson.object(value);
        requireEqual("order_id", entry.id, order);
        compareContent(entry, ContractJson.content(order));
        Instant created = ContractJson.instant(order, "created_at");
        if (first) {
            createdAtHash[index] = created.hashCode();
        }
        plan.createdAt(index)
                .filter(sent -> !sent.toInstant().equals(created))
                .ifPresent(sent -> altered(entry, "created_at is " + created + ", but " + sent + " was sent"));
    }

    private void processed(Entry entry, byte[] value) throws InvalidJsonException {
        JsonNode order = ContractJson.object(value);
        Source source = Source.of(order);
        if (!isOfThisRun(Topic.PROCESSED, entry, source)) {
            return;
        }
        boolean first = count(entry, Topic.PROCESSED);
        if (requireCommitted(entry, source)) {
            checkSequence(entry, source, first);
        }
        requireEqual("order_id", entry.id, order);
        compareContent(entry, ContractJson.content(order));
        requireEqual("status", "processed", order);
        requireEqual("processing_mode", guarantee.wireName(), order);
        ContractJson.instant(order, "processed_at");
        if (ContractJson.text(order, "consumer_id").isBlank()) {
            throw new InvalidJsonException("consumer_id is blank");
        }
        if (isFirst(entry.index, source)) {
            compareCreation(entry, ContractJson.instant(order, "created_at"));
        }
    }

    private void checkSequence(Entry entry, Source source, boolean first) {
        OffsetFlags orders = offsets.get(Topic.ORDERS);
        int partition = (int) source.partition;
        if (orders.has(partition, source.offset, PROCESSED)) {
            reprocessed++;
        }
        orders.set(partition, source.offset, PROCESSED);
        if (first && !isFirst(entry.index, source)) {
            String what = "offset %d was processed, but the first record has offset %d";
            outOfOrder(entry, what.formatted(source.offset, firstOffset[entry.index]));
        }
        long last = lastProcessed[partition];
        if (source.offset <= last) {
            outOfOrder(entry, "offset %d of orders was processed after offset %d".formatted(source.offset, last));
        }
        lastProcessed[partition] = Math.max(last, source.offset);
    }

    private void duplicate(Entry entry, byte[] value) throws InvalidJsonException {
        JsonNode duplicate = ContractJson.object(value);
        Source source = Source.of(duplicate);
        if (!isOfThisRun(Topic.DUPLICATES, entry, source)) {
            return;
        }
        count(entry, Topic.DUPLICATES);
        requireEqual("order_id", entry.id, duplicate);
        if (requireCommitted(entry, source) && isFirst(entry.index, source)) {
            outOfOrder(entry, "the first record of the order was rejected as a duplicate");
        }
    }

    /** Stores the hash of the record. Returns false if the order was sent before this run, or is a phantom. */
    private boolean isOfThisRun(Topic topic, Entry entry, Source source) {
        offsets.get(topic).set(entry.partition, entry.offset, source.hash(entry.id) << HASH_SHIFT);
        boolean isOfEarlierRun =
                !plan.isOurs(entry.id) && offsets.get(Topic.ORDERS).isEarlier(source.partition, source.offset);
        return !isOfEarlierRun && requireKnown(entry);
    }

    private boolean requireCommitted(Entry entry, Source source) {
        if (offsets.get(Topic.ORDERS).has(source.partition, source.offset, COMMITTED)) {
            return true;
        }
        phantom(entry, "its source is %s, where nothing was committed".formatted(source));
        return false;
    }

    /**
     * Adds a row of the table {@code orders}.
     *
     * @param created empty if the table does not have the column; the same applies to the source
     */
    public void orderRow(String id, OrderContent content, Optional<Instant> created, Optional<Source> source) {
        Entry entry = entry("table orders", -1, -1, id);
        if (!requireKnown(entry)) {
            return;
        }
        int index = entry.index;
        flags[index] |= ORDER_ROW;
        if (count(Topic.PROCESSED, index) == 0) {
            phantom(entry, "the row has no committed record in orders.processed");
        }
        compareContent(entry, content);
        // If the order was processed several times, the row may be from a later request with another created_at.
        if (count(Topic.PROCESSED, index) == 1) {
            created.ifPresent(at -> compareCreation(entry, at));
            if (source.isPresent() && !has(index, OUT_OF_ORDER | PHANTOM) && !isFirst(index, source.get())) {
                altered(entry, "wrong source: " + source.get());
            }
        }
    }

    public void invalidOrderRow(String id, String reason) {
        Entry entry = entry("table orders", -1, -1, id);
        if (requireKnown(entry)) {
            flags[entry.index] |= ORDER_ROW;
            altered(entry, reason);
        }
    }

    /**
     * Adds a row of {@code processed_messages} or {@code duplicate_messages}. Its key is the coordinates of its record.
     *
     * @param source empty if the table does not have the columns
     */
    public void messageRow(Topic topic, int partition, long offset, String id, Optional<Source> source) {
        Entry entry = entry("row of " + topic.wireName(), partition, offset, id);
        OffsetFlags committed = offsets.get(topic);
        if (committed.has(partition, offset, COMMITTED)) {
            committed.set(partition, offset, STORED);
            int hash = committed.get(partition, offset) >>> HASH_SHIFT;
            if (hash != 0 && source.isPresent() && hash != source.get().hash(id)) {
                altered(entry, "order_id or source differs from the record: %s, %s".formatted(id, source.get()));
            }
        } else {
            phantom(entry, "no record was committed at these coordinates");
        }
        if (!entry.isUnknown() && topic == Topic.PROCESSED) {
            flags[entry.index] |= (byte) (has(entry.index, PROCESSED_ROW) ? SECOND_PROCESSED_ROW : PROCESSED_ROW);
        }
    }

    /** Returns how many committed records of the order the topic contains; {@link Ledger#LIMIT} means "at least". */
    public int count(Topic topic, int index) {
        return records.get(topic)[index] & 0xFF;
    }

    public long total(Topic topic) {
        return totals.get(topic);
    }

    boolean has(int index, int anyOf) {
        return (flags[index] & anyOf) != 0;
    }

    public long reprocessed() {
        return reprocessed;
    }

    OffsetFlags offsets(Topic topic) {
        return offsets.get(topic);
    }

    void phantom(int index, String what) {
        add(Anomaly.PHANTOM, PHANTOM, index, plan.id(index), what);
    }

    private void phantom(Entry entry, String what) {
        add(Anomaly.PHANTOM, PHANTOM, entry.index, entry.id, entry.describe(what));
    }

    private void altered(Entry entry, String what) {
        add(Anomaly.ALTERED, ALTERED, entry.index, entry.id, entry.describe(what));
    }

    private void outOfOrder(Entry entry, String what) {
        add(Anomaly.OUT_OF_ORDER, OUT_OF_ORDER, entry.index, entry.id, entry.describe(what));
    }

    private void add(Anomaly anomaly, int flag, int index, String id, String what) {
        if (index == OrderPlan.UNKNOWN || !has(index, flag)) {
            findings.add(anomaly, id, what);
        }
        if (index != OrderPlan.UNKNOWN) {
            flags[index] |= (byte) flag;
        }
    }

    private boolean requireKnown(Entry entry) {
        if (entry.isUnknown()) {
            phantom(entry, "no client sent this order");
        }
        return !entry.isUnknown();
    }

    /** @return whether this is the first record of the order in the topic */
    private boolean count(Entry entry, Topic topic) {
        byte[] counts = records.get(topic);
        if ((counts[entry.index] & 0xFF) < Ledger.LIMIT) {
            counts[entry.index]++;
        }
        return counts[entry.index] == 1;
    }

    private boolean isFirst(int index, Source source) {
        return count(Topic.ORDERS, index) > 0
                && firstPartition[index] == (byte) source.partition
                && firstOffset[index] == source.offset;
    }

    private void compareContent(Entry entry, OrderContent found) {
        plan.content(entry.index).differenceTo(found).ifPresent(difference -> altered(entry, difference));
    }

    private void compareCreation(Entry entry, Instant found) {
        if (count(Topic.ORDERS, entry.index) > 0 && found.hashCode() != createdAtHash[entry.index]) {
            altered(entry, "created_at is " + found + ", which differs from the record in orders");
        }
    }

    private static void requireEqual(String field, String expected, JsonNode value) throws InvalidJsonException {
        String found = ContractJson.text(value, field);
        if (!expected.equals(found)) {
            throw new InvalidJsonException("%s is %s, but must be %s".formatted(field, found, expected));
        }
    }
}
