package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CapacityTest {
    /** Round numbers, so that the expected values are easy to verify. */
    private static final Capacity.Measured MEASURED =
            new Capacity.Measured(5_000, 20_000, 300, 450, 50, 2, 100, 20_000);

    @Test
    void cores_and_writers_are_planned_at_60_percent_utilization() {
        Capacity.Plan plan = new Capacity.Plan(MEASURED, 100_000);
        // 100,000 / 3,000; 100,000 / 12,000
        assertThat(plan.ingestCores).isEqualTo(34);
        assertThat(plan.streamCores).isEqualTo(9);
        assertThat(plan.streamInstances).isEqualTo(5);
        assertThat(plan.partitions).isEqualTo(20);
        // Two rows per order, 12,000 rows/s per writer.
        assertThat(plan.writers).isEqualTo(17);
    }

    @Test
    void the_network_carries_each_byte_to_three_brokers_and_from_the_leader_to_two_followers() {
        Capacity.Plan plan = new Capacity.Plan(MEASURED, 100_000);
        // In: 850 bytes per order, 85 MB/s, five times. Out: 300 + 2 × 450 + 100 bytes, 130 MB/s.
        assertThat(plan.networkMb).isCloseTo(85 * 5 + 130, within(0.001));
        assertThat(plan.brokersByNetwork).isEqualTo(3);
        assertThat(new Capacity.Plan(MEASURED, 1_000_000).brokersByNetwork).isEqualTo(10);
    }

    @Test
    void the_ids_of_seven_days_are_stored_by_a_standby_and_three_replicas() {
        Capacity.Plan plan = new Capacity.Plan(MEASURED, 10_000);
        // 10,000 × 604,800 s = 6.048 billion ids
        assertThat(plan.storeGb).isCloseTo(6.048 * 50 * 2, within(0.001));
        assertThat(plan.instancesByStore).isEqualTo(4);
        assertThat(plan.filterGb).isCloseTo(6.048 * 2 * 2, within(0.001));
        assertThat(plan.changelogGb).isCloseTo(6.048 * 100 * 3, within(0.001));
    }

    @Test
    void the_resource_with_the_highest_demand_per_unit_is_exhausted_first() {
        // 17 writers for a limit of 8; 6,048 GB in 5 instances for a limit of 200 GB each.
        assertThat(new Capacity.Plan(MEASURED, 100_000).first().resource()).startsWith("dedup store");
        Capacity.Measured smallIds = new Capacity.Measured(5_000, 20_000, 300, 450, 1, 1, 2, 20_000);
        assertThat(new Capacity.Plan(smallIds, 100_000).first())
                .isEqualTo(new Capacity.Limit("PostgreSQL: writers to one server", 17 / 8.0));
    }
}
