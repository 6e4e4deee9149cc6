package io.onlyonce.verifier;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What the topics and the tables hold of a run, counted order by order as it is read: about fifteen bytes an order and
 * one an offset, whatever the orders' size.
 *
 * <p>What is wrong with a single record is noted at once; what is missing or too much, only the {@link Checker} can
 * tell. The topics are read first, in the order of the flow, each partition from its first offset on; then the tables.
 */
final class History {
    /** Of an offset: a committed record stands there. */
    static final int COMMITTED = 1;
    /** Of an offset in {@code orders}: its record came out in {@code orders.processed}. */
    static final int PROCESSED = 2;
    /** Of an offset in {@code orders.processed} or {@code orders.duplicates}: its row is in the table. */
    static final int ROW = 4;

    /**
     * Of the same: what its record says of the order and its source, folded into the five bits that are left. One row in
     * thirty-one that says something else is overlooked; a sink that confuses its columns does so in every row.
     */
    private static final int PRINT_SHIFT = 3;

    private static final int PRINTS = 31;

    // Of an order.
    private static final int ORDER_ROW = 1;
    private static final int PROCESSED_ROW = 2;
    private static final int ANOTHER_PROCESSED_ROW = 4;
    private static final int ALTERED = 8;
    private static final int PHANTOM = 16;
    private static final int OUT_OF_ORDER = 32;

    private final Plan plan;
    private final Mode mode;
    private final Findings findings;
    private final Map<Topic, Offsets> offsets = new EnumMap<>(Topic.class);
    private final Map<Topic, byte[]> records = new EnumMap<>(Topic.class);
    private final Map<Topic, Long> totals = new EnumMap<>(Topic.class);
    private final byte[] flags;
    private final byte[] firstPartition;
    private final int[] firstOffset;
    private final int[] createdAt;
    private final long[] lastSource;
    private long reprocessed;

    /**
     * @param starts the first offset of the run, by topic and partition
     * @param capacity orders and sentinels together
     */
    History(Plan plan, Mode mode, Map<Topic, long[]> starts, int capacity, Findings findings) {
        this.plan = plan;
        this.mode = mode;
        this.findings = findings;
        for (Topic topic : Topic.values()) {
            offsets.put(topic, new Offsets(starts.get(topic)));
            records.put(topic, new byte[capacity]);
            totals.put(topic, 0L);
        }
        flags = new byte[capacity];
        firstPartition = new byte[capacity];
        firstOffset = new int[capacity];
        createdAt = new int[capacity];
        lastSource = new long[starts.get(Topic.ORDERS).length];
        Arrays.fill(lastSource, -1);
    }

    /** Where something stands. Written out only where something is wrong with it, which is rarely. */
    private record Place(String where, int partition, long offset) {
        @Override
        public String toString() {
            return "%s, partition %d, offset %d".formatted(where, partition, offset);
        }
    }

    /** A place in {@code orders}, as an output or a row tells it. */
    record Source(int partition, long offset) {
        @Override
        public String toString() {
            return "partition %d, offset %d of orders".formatted(partition, offset);
        }

        /** Never 0, which stands for a record that could not be read. */
        int printWith(String id) {
            return 1 + Math.floorMod((Objects.hash(id, partition, offset) * 0x9E3779B1) >>> 8, PRINTS);
        }
    }

    /** Takes note of a committed record. */
    void record(Topic topic, int partition, long offset, byte[] key, byte[] value) {
        totals.merge(topic, 1L, Long::sum);
        offsets.get(topic).set(partition, offset, COMMITTED);
        String id = key == null ? "" : new String(key, UTF_8);
        Place place = new Place(topic.wireName(), partition, offset);
        switch (topic) {
            case ORDERS -> order(id, partition, offset, value, place);
            case PROCESSED -> processed(id, value, place);
            case DUPLICATES -> duplicate(id, value, place);
            case DEAD_LETTERS -> deadLetter(id, place);
        }
    }

    private void order(String id, int partition, long offset, byte[] value, Object place) {
        int index = known(id, place);
        if (index == Plan.UNKNOWN) {
            return;
        }
        if (count(Topic.ORDERS, index) == 0) {
            firstPartition[index] = (byte) partition;
            firstOffset[index] = Math.toIntExact(offset);
        } else if (firstPartition[index] != (byte) partition) {
            once(
                    OUT_OF_ORDER,
                    Anomaly.OUT_OF_ORDER,
                    index,
                    place + ": an earlier record of it stands in partition " + firstPartition[index]);
        }
        boolean first = add(Topic.ORDERS, index);
        try {
            JsonNode order = Json.object(value);
            requireId(id, order);
            compare(index, Json.content(order), place);
            Instant created = Json.instant(order, "created_at");
            if (first) {
                createdAt[index] = created.hashCode();
            }
            plan.createdAt(index)
                    .filter(sent -> !sent.toInstant().equals(created))
                    .ifPresent(sent -> altered(index, place + ": created_at is " + created + ", sent was " + sent));
        } catch (Json.UnreadableException e) {
            altered(index, place + ": " + e.getMessage());
        }
    }

    private void processed(String id, byte[] value, Place place) {
        int index = plan.index(id);
        try {
            JsonNode order = Json.object(value);
            int partition = Math.toIntExact(Json.whole(order, "partition"));
            long offset = Json.whole(order, "offset");
            imprint(Topic.PROCESSED, place, id, new Source(partition, offset));
            if (index == Plan.UNKNOWN
                    && !plan.isOurs(id)
                    && offsets.get(Topic.ORDERS).isEarlier(partition, offset)) {
                return; // Processed during the run, but sent before it.
            }
            if (known(id, place) == Plan.UNKNOWN) {
                return;
            }
            boolean first = add(Topic.PROCESSED, index);
            source(index, partition, offset, first, place);
            requireId(id, order);
            compare(index, Json.content(order), place);
            require("status", "processed", Json.text(order, "status"));
            require("processing_mode", mode.wireName(), Json.text(order, "processing_mode"));
            Json.instant(order, "processed_at");
            if (Json.text(order, "consumer_id").isBlank()) {
                throw new Json.UnreadableException("consumer_id is blank");
            }
            if (isFirst(index, partition, offset)) {
                compareCreation(index, Json.instant(order, "created_at"), place);
            }
        } catch (Json.UnreadableException | ArithmeticException e) {
            unreadable(Topic.PROCESSED, index, place, e);
        }
    }

    /** Looks at the place in {@code orders} that an output says it came from. */
    private void source(int index, int partition, long offset, boolean first, Object place) {
        Offsets orders = offsets.get(Topic.ORDERS);
        if (!orders.has(partition, offset, COMMITTED)) {
            phantom(
                    index,
                    "%s: came from partition %d, offset %d of orders, where nothing was committed"
                            .formatted(place, partition, offset));
            return;
        }
        if (orders.has(partition, offset, PROCESSED)) {
            reprocessed++;
        }
        orders.set(partition, offset, PROCESSED);
        if (first && !isFirst(index, partition, offset)) {
            once(
                    OUT_OF_ORDER,
                    Anomaly.OUT_OF_ORDER,
                    index,
                    "%s: offset %d was taken for the first, but offset %d is"
                            .formatted(place, offset, firstOffset[index]));
        }
        if (offset <= lastSource[partition]) {
            once(
                    OUT_OF_ORDER,
                    Anomaly.OUT_OF_ORDER,
                    index,
                    "%s: offset %d of orders came out after offset %d".formatted(place, offset, lastSource[partition]));
        }
        lastSource[partition] = Math.max(lastSource[partition], offset);
    }

    private void duplicate(String id, byte[] value, Place place) {
        int index = plan.index(id);
        try {
            JsonNode duplicate = Json.object(value);
            int partition = Math.toIntExact(Json.whole(duplicate, "partition"));
            long offset = Json.whole(duplicate, "offset");
            imprint(Topic.DUPLICATES, place, id, new Source(partition, offset));
            if (index == Plan.UNKNOWN
                    && !plan.isOurs(id)
                    && offsets.get(Topic.ORDERS).isEarlier(partition, offset)) {
                return;
            }
            if (known(id, place) == Plan.UNKNOWN) {
                return;
            }
            add(Topic.DUPLICATES, index);
            requireId(id, duplicate);
            if (!offsets.get(Topic.ORDERS).has(partition, offset, COMMITTED)) {
                phantom(
                        index,
                        "%s: came from partition %d, offset %d of orders, where nothing was committed"
                                .formatted(place, partition, offset));
            } else if (isFirst(index, partition, offset)) {
                once(
                        OUT_OF_ORDER,
                        Anomaly.OUT_OF_ORDER,
                        index,
                        place + ": the first record was rejected as a duplicate");
            }
        } catch (Json.UnreadableException | ArithmeticException e) {
            unreadable(Topic.DUPLICATES, index, place, e);
        }
    }

    /** Notes what the record's row has to say as well. */
    private void imprint(Topic topic, Place place, String id, Source source) {
        offsets.get(topic).set(place.partition, place.offset, source.printWith(id) << PRINT_SHIFT);
    }

    private void deadLetter(String id, Object place) {
        int index = known(id, place);
        if (index != Plan.UNKNOWN) {
            add(Topic.DEAD_LETTERS, index);
        }
    }

    /**
     * Takes note of a row of the table {@code orders}.
     *
     * @param created where the table has it; the source likewise
     */
    void orderRow(String id, Content content, Optional<Instant> created, Optional<Source> source) {
        int index = known(id, "table orders");
        if (index == Plan.UNKNOWN) {
            return;
        }
        flags[index] |= ORDER_ROW;
        if (count(Topic.PROCESSED, index) == 0) {
            phantom(index, "table orders: there is a row, and no committed record in orders.processed");
        }
        compare(index, content, "table orders");
        // Where an order came out several times, the row may be of a later request, which was given a time of its own.
        if (count(Topic.PROCESSED, index) == 1) {
            created.ifPresent(at -> compareCreation(index, at, "table orders"));
            source.filter(from -> !isTakenFrom(index, from))
                    .ifPresent(from -> altered(index, "table orders: is said to come from " + from));
        }
    }

    /** The row of the table {@code orders} has something in it that cannot be read. */
    void unreadableOrderRow(String id, String why) {
        int index = known(id, "table orders");
        if (index != Plan.UNKNOWN) {
            flags[index] |= ORDER_ROW;
            altered(index, "table orders: " + why);
        }
    }

    /**
     * Takes note of a row of {@code processed_messages} or {@code duplicate_messages}, the record's place being its key.
     *
     * @param source where the table has it
     */
    void messageRow(Topic topic, int partition, long offset, String id, Optional<Source> source) {
        Place place = new Place("row of " + topic.wireName(), partition, offset);
        int index = plan.index(id);
        if (!offsets.get(topic).has(partition, offset, COMMITTED)) {
            if (index == Plan.UNKNOWN) {
                findings.add(Anomaly.PHANTOM, id, place + ": no committed record stands there");
            } else {
                phantom(index, place + ": no committed record stands there");
            }
        } else {
            offsets.get(topic).set(partition, offset, ROW);
            int print = offsets.get(topic).get(partition, offset) >>> PRINT_SHIFT;
            source.filter(from -> print != 0 && print != from.printWith(id)).ifPresent(from -> {
                String what = place + ": has another order_id or source than its record: " + id + ", " + from;
                if (index == Plan.UNKNOWN) {
                    findings.add(Anomaly.ALTERED, id, what);
                } else {
                    altered(index, what);
                }
            });
        }
        if (index != Plan.UNKNOWN && topic == Topic.PROCESSED) {
            flags[index] |= (flags[index] & PROCESSED_ROW) == 0 ? PROCESSED_ROW : ANOTHER_PROCESSED_ROW;
        }
    }

    /** How many committed records of the order stand in the topic; {@link Ledger#LIMIT} means that or more. */
    int count(Topic topic, int index) {
        return records.get(topic)[index] & 0xFF;
    }

    long total(Topic topic) {
        return totals.get(topic);
    }

    boolean hasOrderRow(int index) {
        return (flags[index] & ORDER_ROW) != 0;
    }

    boolean hasProcessedRow(int index) {
        return (flags[index] & PROCESSED_ROW) != 0;
    }

    boolean hasSeveralProcessedRows(int index) {
        return (flags[index] & ANOTHER_PROCESSED_ROW) != 0;
    }

    /** Outputs whose very record in {@code orders} had come out before: replays, not the client's repetitions. */
    long reprocessed() {
        return reprocessed;
    }

    Offsets offsets(Topic topic) {
        return offsets.get(topic);
    }

    /** Something of this order is there that should not be; each order counts once. */
    void phantom(int index, String what) {
        once(PHANTOM, Anomaly.PHANTOM, index, what);
    }

    private void altered(int index, String what) {
        once(ALTERED, Anomaly.ALTERED, index, what);
    }

    private void once(int flag, Anomaly anomaly, int index, String what) {
        if ((flags[index] & flag) == 0) {
            flags[index] |= (byte) flag;
            findings.add(anomaly, plan.id(index), what);
        }
    }

    private int known(String id, Object place) {
        int index = plan.index(id);
        if (index == Plan.UNKNOWN || index >= flags.length) {
            findings.add(Anomaly.PHANTOM, id, place + ": nobody sent this order");
            return Plan.UNKNOWN;
        }
        return index;
    }

    private void unreadable(Topic topic, int index, Object place, Exception e) {
        if (index == Plan.UNKNOWN || index >= flags.length) {
            findings.add(Anomaly.PHANTOM, "", place + ": nobody sent this, and it cannot be read: " + e.getMessage());
            return;
        }
        altered(index, place + ": " + e.getMessage());
        if (count(topic, index) == 0) {
            add(topic, index);
        }
    }

    /** @return whether it is the order's first in that topic */
    private boolean add(Topic topic, int index) {
        byte[] counts = records.get(topic);
        if ((counts[index] & 0xFF) < Ledger.LIMIT) {
            counts[index]++;
        }
        return counts[index] == 1;
    }

    /** Whether that is the order's first record. What has another is out of order by then, or a phantom. */
    private boolean isTakenFrom(int index, Source source) {
        return (flags[index] & (OUT_OF_ORDER | PHANTOM)) != 0 || isFirst(index, source.partition, source.offset);
    }

    private boolean isFirst(int index, int partition, long offset) {
        return count(Topic.ORDERS, index) > 0
                && firstPartition[index] == (byte) partition
                && firstOffset[index] == offset;
    }

    private void compare(int index, Content found, Object place) {
        plan.content(index).differenceTo(found).ifPresent(difference -> altered(index, place + ": " + difference));
    }

    private void compareCreation(int index, Instant found, Object place) {
        if (count(Topic.ORDERS, index) > 0 && found.hashCode() != createdAt[index]) {
            altered(index, place + ": created_at is " + found + ", which is not what stands in orders");
        }
    }

    private static void requireId(String id, JsonNode value) throws Json.UnreadableException {
        require("order_id", id, Json.text(value, "order_id"));
    }

    private static void require(String field, String meant, String found) throws Json.UnreadableException {
        if (!meant.equals(found)) {
            throw new Json.UnreadableException("%s is %s, not %s".formatted(field, found, meant));
        }
    }
}
