package io.onlyonce.query.reset;

import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.kafka.Groups;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.parts.Answer;
import io.onlyonce.query.parts.NotRunningException;
import io.onlyonce.query.parts.Part;
import io.onlyonce.query.parts.Parts;
import io.onlyonce.query.reset.ResetReport.Done;
import io.onlyonce.query.reset.ResetReport.Removed;
import io.onlyonce.query.tables.Totals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * One reset, from the source of the flow to its end: each stage is brought to rest before the next, so that nothing is
 * on its way when the topics and tables are emptied. Then, whatever happened, everything is started again.
 *
 * <p>A producer, consumer or Connect worker that is not running has nothing on its way and is passed over; one that runs
 * and does not answer might, and ends the reset.
 */
final class ResetSequence {
    private static final Logger LOG = LoggerFactory.getLogger(ResetSequence.class);

    /** The producer resumes by itself 60 s after it was paused: nothing is deleted once that is near. */
    private static final Duration LEASE = Duration.ofSeconds(45);

    private final KafkaAccess kafka;
    private final Log log;
    private final Parts parts;
    private final Connectors connectors;
    private final JdbcClient jdbc;
    private final Totals totals;
    private final String authorization;

    private final List<Done> done = new ArrayList<>();
    private Totals.Snapshot rows;
    private Map<String, Long> topicOffsets;
    private List<String> stopped = List.of();
    private Patience lease;

    ResetSequence(
            KafkaAccess kafka,
            Log log,
            Parts parts,
            Connectors connectors,
            JdbcClient jdbc,
            Totals totals,
            String authorization) {
        this.kafka = kafka;
        this.log = log;
        this.parts = parts;
        this.connectors = connectors;
        this.jdbc = jdbc;
        this.totals = totals;
        this.authorization = authorization;
    }

    /** What a step does, and what it has to remark; null for nothing. */
    private interface Action {
        String run(Patience patience);
    }

    ResetReport run() {
        long started = System.nanoTime();
        step(Step.CHECK, patience -> check());
        lease = Patience.of(LEASE);
        try {
            step(Step.PAUSE_INTAKE, patience -> post(Part.PRODUCER, "/intake/pause", patience));
            step(Step.STOP_STREAM, this::stopStream);
            step(Step.STOP_CONNECTORS, this::stopConnectors);
            step(Step.END_TRANSACTIONS, this::endTransactions);
            step(Step.DELETE_RECORDS, this::deleteRecords);
            step(Step.DELETE_CONNECTOR_OFFSETS, this::deleteConnectorOffsets);
            step(Step.EMPTY_TABLES, this::emptyTables);
        } catch (ResetFailure e) {
            startAgain(e);
            throw e;
        }
        startAgain(null);
        return new ResetReport(
                "reset",
                (System.nanoTime() - started) / 1_000_000,
                new Removed(rows.orders(), rows.messages(), rows.duplicatesRejected(), topicOffsets),
                done);
    }

    /** Each part whether or not the one before would start; the first failure is reported, the others hang on to it. */
    private void startAgain(ResetFailure earlier) {
        ResetFailure first = earlier;
        Map<Step, Action> starts = new EnumMap<>(Map.of(
                Step.RESUME_CONNECTORS, this::resumeConnectors,
                Step.START_STREAM, patience -> post(Part.CONSUMER, "/topology/start", patience),
                Step.RESUME_INTAKE, patience -> post(Part.PRODUCER, "/intake/resume", patience)));
        for (var start : starts.entrySet()) {
            try {
                step(start.getKey(), start.getValue());
            } catch (ResetFailure e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null && first != earlier) {
            throw first;
        }
    }

    private void step(Step step, Action action) {
        long started = System.nanoTime();
        String note;
        try {
            note = action.run(Patience.of(step.limit()));
        } catch (NotRunningException e) {
            note = e.getMessage();
        } catch (UnavailableException e) {
            throw failure(step, e.reason(), e);
        } catch (DataAccessException e) {
            throw failure(step, e.getMostSpecificCause().getMessage(), e);
        } catch (RuntimeException e) {
            // Not foreseen, and no less a reason to start everything again.
            LOG.error("Reset: a step failed", e);
            throw failure(step, e.toString(), e);
        }
        done.add(new Done(step, (System.nanoTime() - started) / 1_000_000, note));
    }

    private ResetFailure failure(Step step, String reason, Exception cause) {
        LOG.warn("Reset: could not {}: {}", step.wireName(), reason);
        return new ResetFailure(step, reason, done, cause);
    }

    private String check() {
        rows = totals.read();
        kafka.topics();
        return null;
    }

    /** Asked for as long as there are members: one that has just been started is in the group before it listens. */
    private String stopStream(Patience patience) {
        String note = askToStop(patience);
        while (log.streamHasMembers()) {
            patience.pause("the group " + Groups.STREAM + " still has members");
            note = askToStop(patience);
        }
        return note;
    }

    private String askToStop(Patience patience) {
        try {
            return post(Part.CONSUMER, "/topology/stop", patience);
        } catch (NotRunningException e) {
            return e.getMessage();
        }
    }

    /**
     * Asked for as long as their groups have members: a worker that has just been started is in them before it listens,
     * and one that was killed stays in them until its session has timed out.
     */
    private String stopConnectors(Patience patience) {
        String note = askConnectorsToStop(patience);
        while (log.sinkHasMembers()) {
            patience.pause("the connectors' groups still have members");
            note = askConnectorsToStop(patience);
        }
        return note;
    }

    private String askConnectorsToStop(Patience patience) {
        try {
            stopped = connectors.names(patience);
            connectors.stop(stopped, patience);
            return null;
        } catch (NotRunningException e) {
            return e.getMessage();
        }
    }

    private String endTransactions(Patience patience) {
        int ended = log.endTransactions(patience);
        return ended == 0 ? null : ended + " left open by a process that is gone";
    }

    private String deleteRecords(Patience patience) {
        checkLease();
        // One that was started meanwhile.
        stopStream(patience);
        topicOffsets = log.deleteRecords(patience);
        return null;
    }

    private String deleteConnectorOffsets(Patience patience) {
        connectors.deleteOffsets(stopped, patience);
        return null;
    }

    private String emptyTables(Patience patience) {
        if (log.streamHasMembers()) {
            throw new UnavailableException("the stream was started meanwhile", null);
        }
        // A connector that was started meanwhile may hold records from before, and write them after. One that joins
        // from here on finds them deleted.
        String note = log.sinkHasMembers() ? stopConnectors(patience) : null;
        checkLease();
        rows = totals.read();
        jdbc.sql("SELECT reset_lab()").query(row -> {});
        return note;
    }

    private String resumeConnectors(Patience patience) {
        connectors.resume(stopped, patience);
        return null;
    }

    private String post(Part part, String path, Patience patience) {
        Answer answer = parts.call(part, "POST", path, new byte[0], authorization, patience.left());
        if (!answer.isSuccess()) {
            throw new UnavailableException(
                    "%s answers %s by %d: %s".formatted(part, path, answer.status(), answer.text()), null);
        }
        return null;
    }

    private void checkLease() {
        if (lease.isOver()) {
            throw new UnavailableException("the steps before took so long that intake may have resumed", null);
        }
    }
}
