package io.onlyonce.query.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.audit.AuditReport.Verdict;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private static final Instant STARTED = Instant.parse("2026-11-23T10:02:00Z");

    private final Findings findings = new Findings();

    private AuditReport report() {
        return findings.report(STARTED, 1, 0, List.of());
    }

    @Test
    void an_order_that_has_waited_for_more_than_a_minute_delays_the_verdict() {
        findings.addNotStored(STARTED.minusSeconds(60).toEpochMilli());
        assertThat(report().verdict()).isEqualTo(Verdict.OK);
        findings.addNotStored(STARTED.minusSeconds(61).toEpochMilli());
        findings.addNotStored(STARTED.toEpochMilli());
        assertThat(report().verdict()).isEqualTo(Verdict.DELAYED);
        assertThat(report().notStored()).isEqualTo(3);
        assertThat(report().notStoredSince()).isEqualTo(STARTED.minusSeconds(61));
    }

    @Test
    void an_anomaly_is_a_violation_even_if_orders_wait() {
        findings.addNotStored(STARTED.minusSeconds(61).toEpochMilli());
        findings.add(Anomaly.MISSING, "order-1", RecordCoordinates.of(0, 1));
        assertThat(report().verdict()).isEqualTo(Verdict.VIOLATIONS);
    }

    @Test
    void without_waiting_orders_there_is_no_time() {
        assertThat(report().verdict()).isEqualTo(Verdict.OK);
        assertThat(report().notStoredSince()).isNull();
    }
}
