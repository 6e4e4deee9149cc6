package io.onlyonce.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArrivalTest {
    @Test
    void a_request_arrives_before_it_has_a_thread_and_the_next_one_on_its_connection_later() {
        List<Runnable> waiting = new ArrayList<>();
        List<Long> arrivals = new ArrayList<>();
        Arrival.recording(waiting::add).execute(() -> {
            arrivals.add(Arrival.nanoTime());
            arrivals.add(Arrival.nanoTime());
        });
        long threadStart = System.nanoTime();
        waiting.getFirst().run();
        assertThat(arrivals.getFirst()).isLessThanOrEqualTo(threadStart);
        assertThat(arrivals.getLast()).isGreaterThanOrEqualTo(threadStart);
    }
}
