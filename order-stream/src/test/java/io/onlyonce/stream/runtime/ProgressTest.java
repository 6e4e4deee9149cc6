package io.onlyonce.stream.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.stream.runtime.Progress.Offsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 3);
    private static final Progress.Records EXIST = (partition, offsets) -> true;
    private static final Progress.Records DO_NOT_EXIST = (partition, offsets) -> false;

    private final Progress progress = new Progress(Duration.ofSeconds(30));

    private Set<Integer> at(int second, long next, long lastStable, Progress.Records records) {
        return progress.stalled(
                Map.of(PARTITION, new Offsets(next, lastStable)),
                Duration.ofSeconds(second).toNanos(),
                records);
    }

    @Test
    void a_partition_is_stalled_if_records_wait_and_nothing_is_committed_within_the_time() {
        assertThat(at(0, 5, 9, EXIST)).isEmpty();
        assertThat(at(30, 5, 20, EXIST)).isEmpty();
        assertThat(at(31, 5, 20, EXIST)).containsExactly(3);
        assertThat(at(32, 6, 20, EXIST)).as("a commit").isEmpty();
    }

    @Test
    void a_partition_without_waiting_records_is_not_stalled() {
        assertThat(at(0, 5, 5, EXIST)).isEmpty();
        assertThat(at(100, 5, 5, EXIST)).isEmpty();
        assertThat(at(101, 5, 6, EXIST))
                .as("the time starts with the first waiting record")
                .isEmpty();
        assertThat(at(102, 6, 6, EXIST)).isEmpty();
    }

    @Test
    void transaction_markers_and_aborted_records_do_not_wait() {
        at(0, 5, 9, DO_NOT_EXIST);
        assertThat(at(31, 5, 9, DO_NOT_EXIST)).isEmpty();
        assertThat(at(62, 5, 9, EXIST)).as("not read again").isEmpty();
        assertThat(at(63, 5, 10, EXIST)).as("a record after the markers").isEmpty();
        assertThat(at(94, 5, 10, EXIST)).containsExactly(3);
    }

    @Test
    void a_topic_that_was_created_again_is_measured_again() {
        at(0, 50, 90, DO_NOT_EXIST);
        at(31, 50, 90, DO_NOT_EXIST);
        assertThat(at(32, 0, 4, EXIST)).isEmpty();
        assertThat(at(63, 0, 4, EXIST)).containsExactly(3);
    }

    @Test
    void a_restart_of_the_measurement_starts_the_time_again() {
        at(0, 5, 9, EXIST);
        progress.restart();
        assertThat(at(31, 5, 9, EXIST)).isEmpty();
        assertThat(at(62, 5, 9, EXIST)).containsExactly(3);
    }
}
