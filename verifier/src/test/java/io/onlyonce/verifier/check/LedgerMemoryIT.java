package io.onlyonce.verifier.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests the memory that a long run needs. Not a unit test, because it takes half a minute. */
@Tag("slow")
class LedgerMemoryIT {
    private static final int ORDERS = 200_000;
    private static final int MOST_BYTES_PER_ORDER = 24;
    private static final int SETTLED_BYTES = 64 * 1024;

    @Test
    void an_order_needs_at_most_24_bytes_independent_of_its_content() {
        new LongRun(1_000).check(); // Classes and constants are loaded before the measurement.
        long before = used();
        LongRun run = new LongRun(ORDERS);
        Findings findings = run.check();
        long after = used();
        assertThat(findings.counts()).as("%s", findings.examples()).isEmpty();
        assertThat((after - before) / ORDERS).isBetween(1L, (long) MOST_BYTES_PER_ORDER);
        assertThat(run.ledger().acknowledgements(ORDERS - 1)).isEqualTo(1);
        assertThat(run.history().count(Topic.PROCESSED, ORDERS - 1)).isEqualTo(1);
    }

    /** One collection does not free objects that finalization or references of the libraries still hold. */
    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        long last;
        long now = Long.MAX_VALUE;
        do {
            last = now;
            System.gc();
            now = runtime.totalMemory() - runtime.freeMemory();
        } while (last - now > SETTLED_BYTES);
        return now;
    }
}
