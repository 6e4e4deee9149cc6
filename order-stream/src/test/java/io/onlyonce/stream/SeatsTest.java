package io.onlyonce.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SeatsTest {
    private final Seats seats = new Seats("consumer-1");

    @Test
    void threads_get_the_first_seats_in_their_order_and_keep_them() {
        assertThat(seats.of("thread-1").id()).isEqualTo("consumer-1-1");
        assertThat(seats.of("thread-2").id()).isEqualTo("consumer-1-2");
        assertThat(seats.of("thread-1").id()).isEqualTo("consumer-1-1");
    }

    @Test
    void a_thread_that_is_created_on_another_one_replaces_it_and_takes_its_seat() throws InterruptedException {
        seats.of("thread-1");
        Seat second = seats.of("thread-2");
        AtomicReference<Seat> replacement = new AtomicReference<>();
        Thread dying = new Thread(() -> replacement.set(seats.of("thread-3")), "thread-2");
        dying.start();
        dying.join();
        seats.leave("thread-2");
        assertThat(replacement.get()).isSameAs(second);
        assertThat(seats.of("thread-3")).isSameAs(second);
        assertThat(seats.of("thread-4").id()).as("no seat is held twice").isEqualTo("consumer-1-3");
    }

    @Test
    void after_a_restart_in_place_the_same_seats_are_taken_again() {
        Seat first = seats.of("thread-1");
        Seat second = seats.of("thread-2");
        seats.leave("thread-2");
        seats.leave("thread-1");
        assertThat(seats.of("thread-1")).isSameAs(first);
        assertThat(seats.of("thread-2")).isSameAs(second);
    }
}
