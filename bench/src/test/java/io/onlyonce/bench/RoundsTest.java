package io.onlyonce.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

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
    void the_median_is_that_of_the_values_not_of_their_order() {
        assertThat(of(9, 1, 5).median()).isEqualTo(5);
        assertThat(of(9, 1, 5, 7).median()).isEqualTo(6);
    }

    @Test
    void the_spread_is_the_smallest_and_the_largest_round() {
        assertThat(of(9, 1, 5).spread()).isEqualTo(new Result.Spread(1, 9, 3));
    }

    @Test
    void no_round_has_no_median() {
        assertThatIllegalStateException().isThrownBy(() -> new Rounds().median());
    }
}
