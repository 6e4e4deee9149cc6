package io.onlyonce.ingest.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final int MINIMUM = 3;
    private static final Outcome WRITTEN = new Outcome.Written(List.of());
    private static final Outcome NOT_WRITTEN = new Outcome.NotWritten("the clock is wrong");

    private final Admission admission = new Admission(MINIMUM, Duration.ofSeconds(5));

    @Test
    void a_cold_process_admits_the_minimum_and_rejects_further_requests() {
        start(MINIMUM - 1, 0);
        assertThat(admission.overload()).isEmpty();
        start(1, 0);
        assertThat(admission.overload()).contains("3 requests wait, and 0 requests per second are written");
    }

    @Test
    void a_measured_rate_admits_as_many_requests_as_are_written_within_the_limit() {
        // Two requests at a time, of 100 ms each: 20 requests per second.
        for (int millis = 0; millis < 2_000; millis += 100) {
            start(2, millis);
            end(2, millis + 100, WRITTEN);
        }
        start(99, 3_000);
        assertThat(admission.overload()).isEmpty();
        start(1, 3_000);
        assertThat(admission.overload()).isPresent();
    }

    @Test
    void idle_time_does_not_reduce_the_rate() {
        for (int second = 0; second < 20; second++) {
            start(2, second * 1_000);
            end(2, second * 1_000 + 100, WRITTEN);
        }
        start(99, 60_000);
        assertThat(admission.overload()).isEmpty();
    }

    @Test
    void requests_that_wait_without_a_written_one_are_a_stall() {
        start(1, 0);
        assertThat(stallAt(7_999)).isFalse();
        assertThat(stallAt(8_000)).isTrue();
        end(1, 9_000, WRITTEN);
        assertThat(stallAt(9_000)).isFalse();
    }

    @Test
    void requests_that_all_fail_quickly_are_a_stall_with_the_reason() {
        for (int second = 0; second < 10; second++) {
            start(1, second * 1_000);
            end(1, second * 1_000 + 5, NOT_WRITTEN);
        }
        assertThat(admission.stallAt(millis(9_500)))
                .hasValueSatisfying(problem -> assertThat(problem).endsWith("latest failure: the clock is wrong"));
    }

    @Test
    void an_old_failure_is_not_a_stall() {
        start(1, 0);
        end(1, 5, NOT_WRITTEN);
        assertThat(stallAt(60_000)).isFalse();
        start(1, 60_000);
        assertThat(stallAt(60_005)).isFalse();
    }

    @Test
    void one_slow_request_is_not_a_stall_while_others_are_written() {
        start(1, 0);
        for (int second = 1; second < 20; second++) {
            start(1, second * 1_000);
            end(1, second * 1_000 + 5, WRITTEN);
        }
        assertThat(stallAt(19_500)).isFalse();
    }

    private void start(int count, int millis) {
        IntStream.range(0, count).forEach(i -> admission.startedAt(millis(millis)));
    }

    private void end(int count, int millis, Outcome outcome) {
        IntStream.range(0, count).forEach(i -> admission.endedAt(millis(millis), outcome));
    }

    private boolean stallAt(int millis) {
        return admission.stallAt(millis(millis)).isPresent();
    }

    private static long millis(int millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
