package io.onlyonce.verifier.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.verifier.plan.ContractJson.InvalidJsonException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderPlanTest {
    private static final int ORDERS = 20_000;
    private final OrderPlan plan = new OrderPlan("r1", 42, ORDERS, 10);

    @Test
    void the_seed_determines_the_orders() {
        OrderPlan same = new OrderPlan("r1", 42, ORDERS, 10);
        OrderPlan other = new OrderPlan("r1", 43, ORDERS, 10);
        assertThat(IntStream.range(0, 100).mapToObj(plan::content))
                .containsExactlyElementsOf(
                        IntStream.range(0, 100).mapToObj(same::content).toList());
        assertThat(IntStream.range(0, 100).mapToObj(plan::content))
                .doesNotContainAnyElementsOf(
                        IntStream.range(0, 100).mapToObj(other::content).toList());
    }

    @Test
    void only_ids_of_the_plan_have_an_index() {
        Set<String> ids = new HashSet<>();
        for (int index = 0; index < ORDERS; index++) {
            ids.add(plan.id(index));
            assertThat(plan.index(plan.id(index))).isEqualTo(index);
        }
        assertThat(ids).hasSize(ORDERS);
        assertThat(new String[] {
                    "", "r1", "r1-", "r1-x", "r1-007", "r10-7", "r1-7x", "r1-99999999999", plan.invalidId(7)
                })
                .allSatisfy(id -> assertThat(plan.index(id)).isEqualTo(OrderPlan.UNKNOWN));
    }

    @Test
    void requests_cover_every_order_once_and_a_batch_stays_within_its_block() {
        int covered = 0;
        int batches = 0;
        for (int first = 0; first < ORDERS; first += plan.unitSize(first)) {
            assertThat(first).isEqualTo(covered);
            covered += plan.unitSize(first);
            batches += plan.unitSize(first) > 1 ? 1 : 0;
        }
        assertThat(covered).isEqualTo(ORDERS);
        assertThat(batches).isBetween(200, 300);
    }

    @Test
    void the_configured_percentage_of_orders_is_sent_again() {
        long again = IntStream.range(0, ORDERS)
                .filter(index -> plan.again(index) != OrderPlan.Again.NEVER)
                .count();
        assertThat(again).isBetween(1_800L, 2_200L);
        assertThat(IntStream.range(0, ORDERS).mapToObj(new OrderPlan("r", 42, ORDERS, 0)::again))
                .containsOnly(OrderPlan.Again.NEVER);
    }

    @Test
    void every_order_follows_the_contract() throws InvalidJsonException {
        for (int index = 0; index < ORDERS; index++) {
            OrderContent content = plan.content(index);
            assertThat(content.lines()).isNotEmpty().allSatisfy(line -> {
                assertThat(line.quantity()).isPositive();
                assertThat(line.price().scale()).isLessThanOrEqualTo(2);
                assertThat(line.price().signum()).isNotNegative();
            });
            assertThat(content.total().precision() - content.total().scale()).isLessThanOrEqualTo(17);
            OrderContent read = ContractJson.content(
                    ContractJson.object(ContractJson.bytes(ContractJson.order(plan.id(index), content))));
            assertThat(content.differenceTo(read)).isEmpty();
        }
    }
}
