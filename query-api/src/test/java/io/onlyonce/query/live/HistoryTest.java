package io.onlyonce.query.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.live.ComponentStatus.State;
import io.onlyonce.query.live.Sample.Event;
import io.onlyonce.query.live.Sample.Point;
import io.onlyonce.query.live.Sample.Settings;
import io.onlyonce.query.tables.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");

    private final History history = new History();
    private State consumer = State.OK;
    private Settings settings = new Settings("exactly-once", "exactly-once", true, 0L, 0.0);
    private long messages;

    @Test
    void a_client_continues_after_its_last_sample() {
        assertThat(history.after(0)).isEmpty();
        add(10);
        assertThat(history.after(0).orElseThrow().points()).hasSize(10);
        assertThat(history.after(7).orElseThrow().points()).hasSize(3);
        assertThat(history.after(7).orElseThrow().sample().id()).isEqualTo(10);
        assertThat(history.after(5_000).orElseThrow().points())
                .as("an id of the process before the restart")
                .hasSize(10);
    }

    @Test
    void the_history_ends_after_15_minutes() {
        add(1_000);
        assertThat(history.after(0).orElseThrow().points()).hasSize(900);
    }

    @Test
    void changes_are_events() {
        add(1);
        consumer = State.FAILED;
        add(3);
        consumer = State.OK;
        add(1);
        settings = new Settings("exactly-once", "at-least-once", false, 0L, 0.0);
        messages = 10;
        add(1);
        messages = 0;
        add(1);
        assertThat(history.after(0).orElseThrow().events())
                .extracting(Event::text)
                .containsExactly(
                        "consumer failed: is not running",
                        "consumer is ok again after 4 s",
                        "The stream runs at-least-once without deduplication",
                        "All orders were deleted");
        assertThat(history.eventsAfter(2)).extracting(Event::kind).containsExactly("mode", "reset");
    }

    @Test
    void a_component_that_starts_is_not_ok_again() {
        consumer = State.FAILED;
        add(1);
        consumer = State.OK;
        add(1);
        assertThat(history.after(0).orElseThrow().events())
                .extracting(Event::text)
                .containsExactly("consumer is ok");
    }

    @Test
    void a_waiting_client_ends_when_the_service_stops() throws InterruptedException {
        add(1);
        assertThat(history.await(1, Duration.ofMillis(20))).isEmpty();
        history.close();
        assertThat(history.await(0, Duration.ofSeconds(60))).isEmpty();
        history.open();
        assertThat(history.await(0, Duration.ofSeconds(60)))
                .as("the service was started again")
                .isPresent();
    }

    private void add(int samples) {
        for (int i = 0; i < samples; i++) {
            long id = history.nextId();
            Instant at = START.plusSeconds(id);
            var status = new ComponentStatus(
                    ComponentName.CONSUMER,
                    consumer,
                    consumer == State.OK,
                    consumer == State.OK ? null : "is not running",
                    consumer == State.OK ? START : START.plusSeconds(1),
                    at);
            var tables = new Totals.Stats(messages, messages, 0, 0, 0, Map.of(), 0, null, null);
            var point = new Point(at, null, null, null, null, null, null);
            history.add(new Sample(id, at, List.of(status), List.of(), tables, null, settings, null, point));
        }
    }
}
