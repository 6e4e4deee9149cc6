package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapacityTest {
    /** Round figures, so that the expected ones can be seen without a calculator. */
    private static final Capacity.Measured MEASURED =
            new Capacity.Measured(5_000, 20_000, 300, 450, 50, 2, 100, 20_000);

    @Test
    void a_rate_is_divided_by_what_a_core_gives_at_60_percent() {
        Capacity.Plan plan = Capacity.plan(MEASURED, 100_000);
        // 100,000 / 3,000; 100,000 / 12,000
        assertThat(plan.ingestCores()).isEqualTo(34);
        assertThat(plan.streamCores()).isEqualTo(9);
        assertThat(plan.streamInstances()).isEqualTo(5);
        assertThat(plan.partitions()).isEqualTo(20);
        // Two rows an order, 12,000 rows a writer.
        assertThat(plan.writers()).isEqualTo(17);
    }

    @Test
    void every_byte_that_comes_in_is_written_three_times_and_sent_to_two_followers() {
        Capacity.Plan plan = Capacity.plan(MEASURED, 100_000);
        // In: 850 bytes an order, 85 MB/s, five times. Out: 300 + 2 × 450 + 100 bytes, 130 MB/s.
        assertThat(plan.networkMb()).isCloseTo(85 * 5 + 130, within(0.001));
        assertThat(plan.brokersByNetwork()).isEqualTo(3);
        assertThat(Capacity.plan(MEASURED, 1_000_000).brokersByNetwork()).isEqualTo(10);
    }

    @Test
    void the_memory_of_seven_days_is_kept_by_a_standby_and_three_replicas() {
        Capacity.Plan plan = Capacity.plan(MEASURED, 10_000);
        // 10,000 × 604,800 s = 6.048 billion ids
        assertThat(plan.storeGb()).isCloseTo(6.048 * 50 * 2, within(0.001));
        assertThat(plan.instancesByMemory()).isEqualTo(4);
        assertThat(plan.filterGb()).isCloseTo(6.048 * 2 * 2, within(0.001));
        assertThat(plan.changelogGb()).isCloseTo(6.048 * 100 * 3, within(0.001));
    }

    @Test
    void what_is_needed_most_beyond_one_unit_breaks_first() {
        // 17 writers to 8; 6,048 GB in 5 instances to 200 GB each.
        assertThat(Capacity.plan(MEASURED, 100_000).first().what()).startsWith("dedup memory");
        Capacity.Measured smallIds = new Capacity.Measured(5_000, 20_000, 300, 450, 1, 1, 2, 20_000);
        assertThat(Capacity.plan(smallIds, 100_000).first())
                .isEqualTo(new Capacity.Limit("PostgreSQL: writers to one server", 17 / 8.0));
    }

    @Test
    void a_run_that_has_not_measured_everything_says_what_is_missing() {
        Result ingest =
                Result.ratio("ingest.eos_vs_at_most_once", Rounds.of(1), "orders/s", "acks=0", Rounds.of(1), 0.85);
        Capacity.Input input = Capacity.Input.of(List.of(ingest), Map.of("order.record_bytes", 260.0), 2);
        assertThat(input.measured()).isEmpty();
        assertThat(input.missing())
                .extracting(Capacity.Missing::name)
                .containsExactly(
                        "stream.eos_vs_alos",
                        "processed.record_bytes",
                        "store.bytes_per_id",
                        "store.filter_bytes_per_id",
                        "changelog.bytes_per_id",
                        "sink.vs_batch_insert");
    }
}
