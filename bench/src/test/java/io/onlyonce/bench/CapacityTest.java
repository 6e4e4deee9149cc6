package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CapacityTest {
    /** Round numbers, so that the expected values are easy to verify. */
    private static final Map<Capacity.Input, Double> MEASURED = measured(5_000, 20_000, 300, 450, 50, 2, 100, 10_000);

    private static Map<Capacity.Input, Double> measured(double... values) {
        Map<Capacity.Input, Double> measured = new EnumMap<>(Capacity.Input.class);
        for (Capacity.Input input : Capacity.Input.values()) {
            measured.put(input, values[input.ordinal()]);
        }
        return measured;
    }

    @Test
    void cores_and_tasks_are_planned_at_60_percent_utilization() {
        Map<String, Double> plan = Capacity.plan(MEASURED, 100_000).resources();
        // 100,000 / 3,000; 100,000 / 12,000
        assertThat(plan.get("cores for the ingest")).isEqualTo(34);
        assertThat(plan.get("cores for the stream")).isEqualTo(9);
        assertThat(plan.get("stream instances, 2 threads each")).isEqualTo(5);
        assertThat(plan.get("partitions of each topic")).isEqualTo(20);
        // 6,000 orders/s per task.
        assertThat(plan.get("tasks of the sink")).isEqualTo(17);
    }

    @Test
    void the_network_carries_each_byte_to_three_brokers_and_from_the_leader_to_two_followers() {
        Map<String, Double> plan = Capacity.plan(MEASURED, 100_000).resources();
        // In: 850 bytes per order, 85 MB/s, five times. Out: 300 + 450 + 100 bytes, 85 MB/s.
        assertThat(plan.get("network of all brokers, MB/s")).isCloseTo(85 * 5 + 85, within(0.001));
        assertThat(plan.get("brokers, by network")).isEqualTo(3);
        assertThat(Capacity.plan(MEASURED, 1_000_000).resources()).containsEntry("brokers, by network", 9.0);
    }

    @Test
    void the_ids_of_seven_days_are_stored_by_a_standby_and_three_replicas() {
        Map<String, Double> plan = Capacity.plan(MEASURED, 10_000).resources();
        // 10,000 × 604,800 s = 6.048 billion ids
        assertThat(plan.get("dedup stores, GB")).isCloseTo(6.048 * 50 * 2, within(0.001));
        assertThat(plan.get("stream instances by dedup store, 200 GB each")).isEqualTo(4);
        assertThat(plan.get("RAM for the filters of the dedup stores, GB")).isCloseTo(6.048 * 2 * 2, within(0.001));
        assertThat(plan.get("changelog of the dedup stores, GB")).isCloseTo(6.048 * 100 * 3, within(0.001));
    }

    @Test
    void the_resource_with_the_highest_demand_per_unit_is_exhausted_first() {
        // 17 tasks for a limit of 8; 6,048 GB in 5 instances for a limit of 200 GB each.
        assertThat(Capacity.plan(MEASURED, 100_000).first().resource()).startsWith("dedup store");
        Map<Capacity.Input, Double> smallIds = measured(5_000, 20_000, 300, 450, 1, 1, 2, 10_000);
        assertThat(Capacity.plan(smallIds, 100_000).first())
                .isEqualTo(new Capacity.Limit("PostgreSQL: tasks that write to one server", 17 / 8.0));
    }
}
