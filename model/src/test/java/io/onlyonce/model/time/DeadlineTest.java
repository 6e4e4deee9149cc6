package io.onlyonce.model.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DeadlineTest {
    private static final Duration INTERVAL = Duration.ofMillis(1);

    @Test
    void a_deadline_in_the_future_has_time_remaining() {
        Deadline deadline = Deadline.in(Duration.ofMinutes(1));

        assertThat(deadline.expired()).isFalse();
        assertThat(deadline.remaining()).isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    @Test
    void an_expired_deadline_has_no_time_remaining_and_does_not_sleep() throws Exception {
        Deadline deadline = Deadline.in(Duration.ZERO);

        assertThat(deadline.expired()).isTrue();
        assertThat(deadline.remaining()).isZero();
        assertThat(deadline.sleep(Duration.ofDays(1))).isFalse();
    }

    @Test
    void a_sleep_ends_at_the_deadline() throws Exception {
        Deadline deadline = Deadline.in(Duration.ofMillis(5));

        assertThat(deadline.sleep(Duration.ofDays(1))).isTrue();
        assertThat(deadline.expired()).isTrue();
    }

    @Test
    void a_condition_is_polled_until_it_is_true() throws Exception {
        AtomicInteger polls = new AtomicInteger();

        assertThat(Deadline.in(Duration.ofMinutes(1)).await(INTERVAL, () -> polls.incrementAndGet() == 3))
                .isTrue();
        assertThat(polls).hasValue(3);
    }

    @Test
    void a_condition_that_stays_false_is_polled_at_least_once() throws Exception {
        AtomicInteger polls = new AtomicInteger();

        assertThat(Deadline.in(Duration.ZERO).await(INTERVAL, () -> polls.incrementAndGet() == 0))
                .isFalse();
        assertThat(polls).hasValue(1);
    }

    @Test
    void an_exception_of_the_condition_ends_the_wait() {
        assertThatThrownBy(() -> Deadline.in(Duration.ofMinutes(1)).await(INTERVAL, () -> {
                    throw new IOException("no connection");
                }))
                .isInstanceOf(IOException.class);
    }
}
