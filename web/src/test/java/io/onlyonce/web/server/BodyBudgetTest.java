package io.onlyonce.web.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    @Test
    void large_bodies_leave_a_quarter_of_the_budget_to_small_bodies() {
        int large = BodyBudget.SMALL_BODY_BYTES + 1;
        BodyBudget budget = new BodyBudget(4L * large);

        assertThat(budget.reserve(3L * large, 3L * large)).isTrue();
        assertThat(budget.reserve(1, large)).isFalse();
        assertThat(budget.reserve(large - 1, large - 1)).isTrue();
        assertThat(budget.reserve(2, 2)).isFalse();
        assertThat(budget.reserved()).isEqualTo(4L * large - 1);

        budget.release(3L * large);
        assertThat(budget.reserve(large, large)).isTrue();
    }

    @Test
    void the_budget_is_a_sixteenth_of_the_heap_but_at_least_two_bodies() {
        assertThat(BodyBudget.ofHeap(256 << 20, 2 << 20).capacity()).isEqualTo(16 << 20);
        assertThat(BodyBudget.ofHeap(16 << 20, 2 << 20).capacity()).isEqualTo(4 << 20);
    }
}
