package io.onlyonce.verifier.plan;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Generates the orders of a run. Every order is a function of the seed and its index, so that no order is stored.
 *
 * <p>The indexes form blocks of {@value #BLOCK}. The orders of a block are sent either one by one or as one batch.
 *
 * @param run prefix of the ids, letters and digits only; must be unique, so that a run never meets the orders of an
 *     earlier run
 * @param orders number of orders of the load; higher indexes are sentinels
 * @param duplicatesPercent percentage of the orders that are sent again
 */
public record OrderPlan(String run, long seed, int orders, int duplicatesPercent) {
    public static final int BLOCK = 8;

    /** The index of an id that is not in this plan. */
    public static final int UNKNOWN = -1;

    private static final Instant EARLIEST = Instant.parse("2026-02-28T12:00:00Z");
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final int BATCH_PERCENT = 10;
    /** Percentage of the requests that are not retried after a missing response. Their orders stay indeterminate. */
    private static final int ABANDONED_PERCENT = 25;

    // Text that incorrect encoding or normalization changes: multi-byte characters, surrogate pairs, quotes, combining
    // marks, right-to-left text.
    private static final List<String> NAMES = List.of(
            "Widget Pro",
            "Käse 🧀",
            "注文の品",
            "a \"quoted\" \\ name",
            "Ze\u0301ro de\u0301faut",
            "👩‍🚀 suit",
            "\u202Etfel ot thgir",
            "<b>&amp;</b> 'x'; --",
            "Ω≈ç√∫ %s {}",
            "x".repeat(200));

    private static final List<String> CUSTOMERS = List.of("customer-", "Kundin-ä-", "客户-", "zákazník-", "🧑-");

    /** The end of the ids that contain non-ASCII characters. */
    private static final String NON_ASCII = "-é注🧾";

    public String idPrefix() {
        return run + "-";
    }

    /** When an order is sent a second time. */
    public enum Again {
        NEVER,
        /** At the same time, over another connection. */
        TWIN,
        /** Up to some seconds after the first response. */
        LATER
    }

    public Again again(int first) {
        if (percent(Salt.AGAIN, first) >= duplicatesPercent) {
            return Again.NEVER;
        }
        // If two batches with the same ids were in flight, counting records could not decide "all or nothing".
        return isBatch(first) || percent(Salt.AGAIN_HOW, first) < 60 ? Again.LATER : Again.TWIN;
    }

    /** Milliseconds between the response and the duplicate: up to 6 s, so that a crash can happen in between. */
    public int laterMillis(int first) {
        return Math.floorMod(hash(Salt.LATER, first), 6_000);
    }

    /** Whether the client does not retry if it receives no response. */
    public boolean abandons(int first) {
        return first < orders && percent(Salt.ABANDON, first) < ABANDONED_PERCENT;
    }

    public boolean isBatch(int index) {
        return index < orders && percent(Salt.BATCH, index / BLOCK) < BATCH_PERCENT;
    }

    /** Number of orders in the request that starts at this index. */
    public int unitSize(int first) {
        return isBatch(first) ? Math.min(BLOCK - first % BLOCK, orders - first) : 1;
    }

    /** Returns the id of the order. One of 16 ids contains non-ASCII characters. */
    public String id(int index) {
        String id = idPrefix() + index;
        return Math.floorMod(hash(Salt.ID, index), 16) == 0 ? id + NON_ASCII : id;
    }

    /** Returns an id outside the plan, for an invalid order that must be rejected. */
    public String invalidId(int number) {
        return idPrefix() + "refused-" + number;
    }

    /** Whether the id has the prefix of this run, even if it is not in the plan. */
    public boolean isOurs(String id) {
        return id.startsWith(idPrefix());
    }

    /** Returns the index of the order with this id, or {@link #UNKNOWN}. */
    public int index(String id) {
        if (!isOurs(id)) {
            return UNKNOWN;
        }
        try {
            int index = Integer.parseInt(id.substring(idPrefix().length()).replace(NON_ASCII, ""));
            return index >= 0 && id.equals(id(index)) ? index : UNKNOWN;
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }

    public OrderContent content(int index) {
        long h = hash(Salt.CONTENT, index);
        int count = Math.floorMod(h, 100) < 5 ? 12 : 1 + Math.floorMod(h >>> 8, 4);
        List<OrderContent.Line> lines = new ArrayList<>(count);
        BigDecimal total = BigDecimal.ZERO;
        for (int i = 0; i < count; i++) {
            long item = hash(Salt.ITEM, (long) index * 16 + i);
            BigDecimal price = price(item);
            int quantity = 1 + Math.floorMod(item >>> 40, 99);
            String name = NAMES.get(Math.floorMod(item >>> 50, NAMES.size()));
            lines.add(new OrderContent.Line(name, quantity, price));
            total = total.add(price.multiply(BigDecimal.valueOf(quantity)));
        }
        String customer = CUSTOMERS.get(Math.floorMod(h >>> 16, CUSTOMERS.size())) + Math.floorMod(h >>> 24, 5000);
        return new OrderContent(customer, lines, total);
    }

    /** Returns {@code created_at}. It is empty for half of the orders: the system then sets it. */
    public Optional<OffsetDateTime> createdAt(int index) {
        long h = hash(Salt.CREATED, index);
        if (h % 2 == 0) {
            return Optional.empty();
        }
        long micros = Math.floorMod(h >>> 1, DAY_MICROS);
        ZoneOffset offset = ZoneOffset.ofHours(Math.floorMod(h >>> 40, 19) - 9);
        return Optional.of(EARLIEST.plus(micros, ChronoUnit.MICROS).atOffset(offset));
    }

    /** Returns an amount up to 99999999.99. The JSON form varies: 10, 10.5, 10.50 and 1E+1 are all valid numbers. */
    private static BigDecimal price(long h) {
        long limit = (long) Math.pow(10, 1 + Math.floorMod(h, 10));
        BigDecimal amount = BigDecimal.valueOf(Math.floorMod(h >>> 4, limit), 2);
        return (h & 0x400) == 0 ? amount : amount.stripTrailingZeros();
    }

    private int percent(Salt salt, long index) {
        return Math.floorMod(hash(salt, index), 100);
    }

    private enum Salt {
        ID,
        CONTENT,
        CREATED,
        ITEM,
        BATCH,
        AGAIN,
        AGAIN_HOW,
        LATER,
        ABANDON
    }

    /** Applies SplitMix64's finalizer to seed, purpose and index. The result is never negative. */
    private long hash(Salt salt, long index) {
        long z = seed + 0x9E3779B97F4A7C15L * (index * Salt.values().length + salt.ordinal() + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (z ^ (z >>> 31)) >>> 1;
    }
}
