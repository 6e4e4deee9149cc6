package io.onlyonce.query.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.live.Flow.Step;
import io.onlyonce.query.live.Probe.Reading;
import io.onlyonce.query.live.Sample.Point;
import io.onlyonce.query.tables.Totals;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RatesTest {
    private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");

    private final Rates rates = new Rates();

    @Test
    void records_that_wait_have_entered_but_not_left() {
        assertThat(next(0, 0, 100, 0, 0).in()).as("needs two samples").isNull();
        Point point = next(2, 2, 100, 40, 10);
        assertThat(point.out()).isZero();
        assertThat(point.through()).isEqualTo(5);
        assertThat(point.in()).isEqualTo(25);
        assertThat(point.waiting()).isEqualTo(50);
    }

    @Test
    void a_source_that_is_not_read_for_some_seconds_has_no_values() {
        next(0, 0, 100, 0, 0);
        Point point = next(5, 1, 100, 0, 0);
        assertThat(point.in()).isNull();
        assertThat(point.waiting()).isNull();
        assertThat(next(6, 6, 200, 0, 0).in())
                .as("not the average of the outage")
                .isNull();
        assertThat(next(7, 7, 210, 0, 0).in()).isEqualTo(10);
    }

    @Test
    void a_reset_is_no_negative_rate() {
        next(0, 0, 100, 0, 0);
        assertThat(next(1, 1, 0, 0, 0).out()).isZero();
    }

    private Point next(int second, int readAt, long stored, long orders, long processed) {
        Totals.Stats stats = new Totals.Stats(stored, stored, 0, 0, 0, Map.of(), 0, null, null);
        Flow flow = new Flow(new Step(orders, 0, orders), new Step(processed, 0, processed), new Step(0, 0, 0), 0);
        Instant read = START.plusSeconds(readAt);
        return rates.next(
                START.plusSeconds(second),
                Optional.of(new Reading<>(stats, read)),
                Optional.of(new Reading<>(flow, read)),
                null);
    }
}
