package io.onlyonce.query.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.audit.AuditReport;
import io.onlyonce.query.live.Sample.Point;
import io.onlyonce.query.live.Sample.Settings;
import io.onlyonce.query.live.VerdictController.RunVerdict;
import io.onlyonce.query.tables.Totals;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;

class VerdictControllerTest {
    private static final Instant START = Instant.parse("2026-11-28T12:00:00Z");
    private static final Settings EXACTLY_ONCE = new Settings("exactly-once", "exactly-once", true, 0L, 0.0);
    private static final Settings AT_LEAST_ONCE = new Settings("exactly-once", "at-least-once", false, 0L, 0.0);

    private final History history = new History();
    private Totals.Stats tables = totals(0, 0);
    private long waiting;
    private final VerdictController verdicts = new VerdictController(history, this::read, () -> waiting);

    @Test
    void a_verdict_describes_the_current_data_until_the_number_of_rows_changes() {
        assertThat(verdicts.verdicts().verdicts()).isEmpty();
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(10));
        assertThat(newest().outdatedBy()).isNull();
        assertThat(newest().processingMode()).isEqualTo("exactly-once");
        sample(EXACTLY_ONCE, 1_010);
        assertThat(newest().outdatedBy()).isEqualTo("The number of rows has changed by +1,000");
    }

    @Test
    void a_reset_makes_a_verdict_outdated_even_if_the_same_number_of_orders_follows() {
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(10));
        sample(EXACTLY_ONCE, 0);
        sample(EXACTLY_ONCE, 10);
        assertThat(newest().outdatedBy()).isEqualTo("All orders were deleted");
    }

    @Test
    void each_mode_keeps_its_newest_verdict() {
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(9));
        verdicts.onAudit(audit(10));
        sample(AT_LEAST_ONCE, 10);
        verdicts.onAudit(audit(10));
        List<RunVerdict> all = verdicts.verdicts().verdicts();
        assertThat(all).extracting(RunVerdict::processingMode).containsExactly("at-least-once", "exactly-once");
        assertThat(all.getLast().outdatedBy()).isEqualTo("The stream runs at-least-once without deduplication");
        assertThat(all.getFirst().outdatedBy()).isNull();
    }

    @Test
    void a_reset_makes_a_verdict_outdated_immediately() {
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(10));
        verdicts.onReset(new Audit.DataDeleted());
        assertThat(newest().outdatedBy()).isEqualTo("All orders were deleted");
    }

    @Test
    void a_verdict_does_not_describe_records_that_are_not_stored_yet() {
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(10));
        waiting = 3;
        assertThat(newest().outdatedBy()).isEqualTo("3 records are not stored yet");
        waiting = 0;
        assertThat(newest().outdatedBy()).isNull();
        tables = totals(10, 1);
        assertThat(newest().outdatedBy()).isEqualTo("The number of rejected duplicates has changed by +1");
    }

    @Test
    void without_the_tables_it_is_unknown_whether_a_verdict_describes_the_current_data() {
        sample(EXACTLY_ONCE, 10);
        verdicts.onAudit(audit(10));
        tables = null;
        assertThat(newest().outdatedBy()).isEqualTo("Unknown: PostgreSQL does not answer");
    }

    private Totals.Stats read() {
        if (tables == null) {
            throw new QueryTimeoutException("no answer");
        }
        return tables;
    }

    private static Totals.Stats totals(long rows, long duplicates) {
        return new Totals.Stats(rows, rows, 0, duplicates, 0, Map.of(), 0, null, null);
    }

    private RunVerdict newest() {
        return verdicts.verdicts().verdicts().getFirst();
    }

    private void sample(Settings settings, long rows) {
        long id = history.nextId();
        Instant at = START.plusSeconds(id);
        tables = totals(rows, 0);
        var point = new Point(at, null, null, null, null, null, null);
        history.add(new Sample(id, at, List.of(), List.of(), tables, null, settings, null, point));
    }

    /** Returns an audit directly after the newest sample. */
    private Audit.Completed audit(long rows) {
        Instant at = history.newest().orElseThrow().at().plusMillis(100);
        var report = new AuditReport(
                AuditReport.Verdict.OK,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                null,
                0,
                rows,
                0,
                rows,
                rows,
                rows,
                1,
                5,
                Map.of(),
                List.of());
        return new Audit.Completed(report, at);
    }
}
