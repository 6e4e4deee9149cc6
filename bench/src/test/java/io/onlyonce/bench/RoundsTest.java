package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static Rounds of(double... values) {
        Rounds rounds = new Rounds();
        for (double value : values) {
            rounds.add(value);
        }
        return rounds;
    }

    @Test
    void the_median_does_not_depend_on_the_order_of_the_values() {
        assertThat(of(9, 1, 5).median()).isEqualTo(5);
        assertThat(of(9, 1, 5, 7).median()).isEqualTo(6);
    }

    @Test
    void the_spread_is_the_smallest_and_the_largest_round() {
        assertThat(of(9, 1, 5).spread()).isEqualTo(new Result.Spread(1, 9, 3));
    }

    @Test
    void the_median_of_no_rounds_is_an_error() {
        assertThatIllegalStateException().isThrownBy(() -> new Rounds().median());
    }

    @Test
    void the_first_candidate_of_a_round_runs_later_in_the_next_round() throws Exception {
        List<String> turns = new ArrayList<>();
        Rounds.inTurn(3, List.of("a", "b", "c"), (round, candidate) -> turns.add(candidate + round));
        assertThat(turns).containsExactly("a1", "b1", "c1", "c2", "a2", "b2", "b3", "c3", "a3");
    }

    @Test
    void with_more_candidates_than_rounds_each_candidate_runs_once_early_once_in_the_middle_and_once_late()
            throws Exception {
        List<Integer> turns = new ArrayList<>();
        Rounds.inTurn(3, List.of(1, 2, 3, 4, 5, 6), (round, candidate) -> turns.add(candidate));
        assertThat(turns).containsExactly(1, 2, 3, 4, 5, 6, 5, 6, 1, 2, 3, 4, 3, 4, 5, 6, 1, 2);
    }
}
