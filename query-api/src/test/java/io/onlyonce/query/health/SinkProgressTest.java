package io.onlyonce.query.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.kafka.LagCalculator.GroupLag;
import io.onlyonce.query.kafka.LagCalculator.PartitionLag;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SinkProgressTest {
    private final SinkProgress progress = new SinkProgress(null);

    private void check(int second, Long committed, long waiting, long open) {
        var partition = new PartitionLag("orders.processed", 0, committed, 0, 100, waiting, waiting, open, second);
        var group = new GroupLag("connect-orders-sink", waiting, waiting, open, second, List.of(partition));
        progress.check(List.of(group), TimeUnit.SECONDS.toNanos(second));
    }

    @Test
    void a_connector_that_commits_nothing_while_records_wait_is_a_problem_after_30_seconds() {
        check(0, 5L, 3, 0);
        check(30, 5L, 3, 0);
        assertThat(progress.problem()).isEmpty();
        check(31, 5L, 4, 0);
        assertThat(progress.problem())
                .contains("connect-orders-sink has committed nothing for 31 s, but 4 records wait");
        check(32, 6L, 3, 0);
        assertThat(progress.problem()).as("after a commit").isEmpty();
    }

    @Test
    void a_connector_that_has_never_committed_is_a_problem() {
        check(0, null, 3, 0);
        check(31, null, 3, 0);
        assertThat(progress.problem()).isPresent();
    }

    @Test
    void an_open_transaction_that_blocks_the_connector_is_a_problem() {
        check(0, 5L, 0, 2);
        check(31, 5L, 0, 2);
        assertThat(progress.problem()).isPresent();
    }

    @Test
    void an_idle_connector_is_not_a_problem() {
        check(0, 5L, 0, 0);
        check(60, 5L, 0, 0);
        check(65, 5L, 1, 0);
        assertThat(progress.problem()).as("a record that has just arrived").isEmpty();
    }
}
