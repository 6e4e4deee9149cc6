package io.onlyonce.verifier;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is sent: a function of the seed and an index, so that nothing of an order has to be remembered.
 *
 * <p>Indexes stand in blocks of {@value #BLOCK}; a block is sent either as so many single orders or as one batch.
 */
final class Plan {
    /** Orders of a batch. */
    static final int BLOCK = 8;

    /** Of an id that this plan never sends. */
    static final int UNKNOWN = -1;

    private static final Instant EARLIEST = Instant.parse("2026-02-28T12:00:00Z");
    private static final long DAY_MICROS = 86_400_000_000L;

    private static final int BATCH_PERCENT = 10;

    /** Of the sends that got no answer, so many percent are not tried again: they stay open, nought or one times. */
    private static final int ABANDONED_PERCENT = 25;

    // Characters that a careless hop changes: several bytes, several code points, quotes, combining marks that a
    // normalisation would join, text that runs the other way.
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

    private final String run;
    private final long seed;
    private final int orders;
    private final int duplicatesPercent;

    /**
     * @param run what the ids begin with; of letters and digits, another one for each run, so that a run never meets
     *     the orders of an earlier one
     * @param orders how many are to be sent before the sentinels
     * @param duplicatesPercent of the orders, so many are sent again
     */
    Plan(String run, long seed, int orders, int duplicatesPercent) {
        this.run = run;
        this.seed = seed;
        this.orders = orders;
        this.duplicatesPercent = duplicatesPercent;
    }

    String run() {
        return run;
    }

    /** How many orders the load consists of; higher indexes are sentinels. */
    int orders() {
        return orders;
    }

    /** When an order is sent a second time. */
    enum Again {
        NEVER,
        /** At the same moment, by another connection. */
        TWIN,
        /** Some seconds after the first was answered. */
        LATER
    }

    Again again(int first) {
        if (percent(Salt.AGAIN, first) >= duplicatesPercent) {
            return Again.NEVER;
        }
        // Two batches with the same ids at the same moment would make "all or nothing" undecidable by counting.
        return isBatch(first) || percent(Salt.AGAIN_HOW, first) < 60 ? Again.LATER : Again.TWIN;
    }

    /** How long after its answer an order is sent again: up to some seconds, so that a crash may lie between. */
    int laterMillis(int first) {
        return (int) (Math.floorMod(hash(Salt.LATER, first), 6_000));
    }

    /** Whether a send without an answer is left at that. */
    boolean abandons(int first) {
        return first < orders && percent(Salt.ABANDON, first) < ABANDONED_PERCENT;
    }

    /** Whether the block of this index is sent as one batch. */
    boolean isBatch(int index) {
        return index < orders && percent(Salt.BATCH, index / BLOCK) < BATCH_PERCENT;
    }

    /** How many orders are sent in one request that begins with this index. */
    int unitSize(int first) {
        return isBatch(first) ? Math.min(BLOCK - first % BLOCK, orders - first) : 1;
    }

    /** The order's id; one of sixteen carries characters beyond ASCII. */
    String id(int index) {
        String id = run + "-" + index;
        return Math.floorMod(hash(Salt.ID, index), 16) == 0 ? id + "-é注🧾" : id;
    }

    /** An id outside the plan, for an order that must be refused and never be seen. */
    String refusedId(int number) {
        return run + "-refused-" + number;
    }

    /** Whether the id was made by this run, whatever the index. */
    boolean isOurs(String id) {
        return id.startsWith(run + "-");
    }

    /** @return the index of the order with this id, or {@link #UNKNOWN} */
    int index(String id) {
        if (!isOurs(id)) {
            return UNKNOWN;
        }
        int from = run.length() + 1;
        int to = from;
        while (to < id.length() && id.charAt(to) >= '0' && id.charAt(to) <= '9') {
            to++;
        }
        if (to == from || to - from > 9) {
            return UNKNOWN;
        }
        int index = Integer.parseInt(id, from, to, 10);
        return id.equals(id(index)) ? index : UNKNOWN;
    }

    Content content(int index) {
        long h = hash(Salt.CONTENT, index);
        int count = Math.floorMod(h, 100) < 5 ? 12 : 1 + (int) Math.floorMod(h >>> 8, 4);
        List<Content.Line> lines = new ArrayList<>(count);
        BigDecimal total = BigDecimal.ZERO;
        for (int i = 0; i < count; i++) {
            long item = hash(Salt.ITEM, (long) index * 16 + i);
            BigDecimal price = cents(item);
            int quantity = 1 + (int) Math.floorMod(item >>> 40, 99);
            lines.add(new Content.Line(NAMES.get((int) Math.floorMod(item >>> 50, NAMES.size())), quantity, price));
            total = total.add(price.multiply(BigDecimal.valueOf(quantity)));
        }
        String customer =
                CUSTOMERS.get((int) Math.floorMod(h >>> 16, CUSTOMERS.size())) + Math.floorMod(h >>> 24, 5000);
        return new Content(customer, lines, total);
    }

    /** When the order says that it was placed; half of them leave that to the system. */
    Optional<OffsetDateTime> createdAt(int index) {
        long h = hash(Salt.CREATED, index);
        if (h % 2 == 0) {
            return Optional.empty();
        }
        long micros = Math.floorMod(h >>> 1, DAY_MICROS);
        ZoneOffset offset = ZoneOffset.ofHours((int) Math.floorMod(h >>> 40, 19) - 9);
        return Optional.of(EARLIEST.plus(micros, ChronoUnit.MICROS).atOffset(offset));
    }

    /** Up to 99999999.99, every magnitude as likely; written as 10, 10.5, 10.50 or 1E+1, all of which JSON allows. */
    private static BigDecimal cents(long h) {
        long limit = 1;
        for (long digits = Math.floorMod(h, 10); digits >= 0; digits--) {
            limit *= 10;
        }
        BigDecimal amount = BigDecimal.valueOf(Math.floorMod(h >>> 4, limit), 2);
        return (h & 0x400) == 0 ? amount : amount.stripTrailingZeros();
    }

    private int percent(Salt salt, long index) {
        return (int) Math.floorMod(hash(salt, index), 100);
    }

    /** What a hash is for; each purpose draws its own numbers. */
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

    /** SplitMix64's finalizer over seed, purpose and index; never negative. */
    private long hash(Salt salt, long index) {
        long z = seed + 0x9E3779B97F4A7C15L * (index * Salt.values().length + salt.ordinal() + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (z ^ (z >>> 31)) >>> 1;
    }
}
