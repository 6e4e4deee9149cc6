package io.onlyonce.query.reset;

import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.kafka.ConsumerGroups;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.reset.ResetReport.CompletedStep;
import io.onlyonce.query.reset.ResetReport.Removed;
import io.onlyonce.query.services.RemoteService;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceNotRunningException;
import io.onlyonce.query.services.ServiceResponse;
import io.onlyonce.query.tables.ProcessingStats;
import io.onlyonce.query.tables.Totals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/**
 * Runs one reset at a time, and no audit during a reset.
 *
 * <p>A reset stops the components in the order of the data flow, so that no order is in transit when it deletes the
 * records and the rows. Finally, it starts all components again, even if a step failed.
 *
 * <p>A reset skips a component that is not running. It fails if a component is running but does not respond, because that
 * component can hold orders.
 */
@Component
final class Reset {
    private static final Logger log = LoggerFactory.getLogger(Reset.class);

    /** The producer resumes intake 60 s after it was paused. A reset deletes nothing close to that time. */
    private static final Duration PAUSE_LIMIT = Duration.ofSeconds(45);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    private static final Predicate<String> STREAM_GROUP = ConsumerGroups.STREAM::equals;

    private final KafkaClients kafka;
    private final ConsumerGroups groups;
    private final TopicCleaner topics;
    private final ServiceClient services;
    private final ConnectClient connect;
    private final JdbcClient jdbc;
    private final Totals totals;
    private final Audit audit;
    private final ReentrantLock lock = new ReentrantLock();

    Reset(
            KafkaClients kafka,
            ConsumerGroups groups,
            TopicCleaner topics,
            ServiceClient services,
            ConnectClient connect,
            JdbcClient jdbc,
            Totals totals,
            Audit audit) {
        this.kafka = kafka;
        this.groups = groups;
        this.topics = topics;
        this.services = services;
        this.connect = connect;
        this.jdbc = jdbc;
        this.totals = totals;
        this.audit = audit;
    }

    /** @param authorization value of the Authorization header for the other services; can be null */
    ResetReport run(String authorization) {
        if (!lock.tryLock()) {
            ErrorResponseException conflict = new ErrorResponseException(HttpStatus.CONFLICT);
            conflict.setDetail("Another reset is running");
            throw conflict;
        }
        try {
            return audit.cancelAndRun(() -> new Run(authorization).run());
        } finally {
            lock.unlock();
        }
    }

    /** The work of a step. Returns a note for the report, or null. */
    private interface Step {
        String run(Deadline deadline) throws InterruptedException;
    }

    /** The state of one reset. */
    private final class Run {
        private final String authorization;
        private final List<CompletedStep> completed = new ArrayList<>();
        private List<String> stoppedConnectors = List.of();
        private Map<String, Long> deletedOffsets;
        private ProcessingStats deletedRows;
        private Deadline pauseDeadline;

        Run(String authorization) {
            this.authorization = authorization;
        }

        ResetReport run() {
            long started = System.nanoTime();
            step("check that Kafka and PostgreSQL answer", 5, this::check);
            pauseDeadline = Deadline.in(PAUSE_LIMIT);
            ErrorResponseException failure = null;
            try {
                step("pause intake", 15, deadline -> post(RemoteService.PRODUCER, "/intake/pause", deadline));
                step("stop the stream", 25, this::stopStream);
                step("stop the connectors", 20, this::stopConnectors);
                step("end open transactions", 10, this::abortTransactions);
                step("delete records", 10, this::deleteRecords);
                step("delete the connectors' offsets", 10, this::deleteConnectorOffsets);
                step("empty the tables", 10, this::emptyTables);
            } catch (ErrorResponseException e) {
                failure = e;
            }
            failure = start("resume the connectors", 10, this::resumeConnectors, failure);
            failure = start(
                    "start the stream",
                    30,
                    deadline -> post(RemoteService.CONSUMER, "/topology/start", deadline),
                    failure);
            failure = start(
                    "resume intake", 10, deadline -> post(RemoteService.PRODUCER, "/intake/resume", deadline), failure);
            if (failure != null) {
                throw failure;
            }
            return new ResetReport(
                    "reset",
                    elapsedMs(started),
                    new Removed(
                            deletedRows.totalUniqueOrders(),
                            deletedRows.totalProcessedMessages(),
                            deletedRows.duplicatesRejected(),
                            deletedOffsets),
                    completed);
        }

        /** Runs the step even if an earlier step failed, and returns the first failure, or null. */
        private ErrorResponseException start(
                String name, int limitSeconds, Step step, ErrorResponseException earlierFailure) {
            try {
                step(name, limitSeconds, step);
                return earlierFailure;
            } catch (ErrorResponseException e) {
                if (earlierFailure == null) {
                    return e;
                }
                earlierFailure.addSuppressed(e);
                return earlierFailure;
            }
        }

        private void step(String name, int limitSeconds, Step step) {
            long started = System.nanoTime();
            String note;
            try {
                note = step.run(Deadline.in(Duration.ofSeconds(limitSeconds)));
            } catch (ServiceNotRunningException e) {
                note = e.getMessage();
            } catch (UnavailableException e) {
                throw failure(name, e.reason(), e);
            } catch (DataAccessException e) {
                throw failure(name, e.getMostSpecificCause().getMessage(), e);
            } catch (InterruptedException e) {
                throw failure(name, UnavailableException.interrupted(e).reason(), e);
            } catch (RuntimeException e) {
                // An unexpected error must not prevent the start of the components.
                log.error("Reset step failed unexpectedly step=\"{}\"", name, e);
                throw failure(name, e.toString(), e);
            }
            completed.add(new CompletedStep(name, elapsedMs(started), note));
        }

        private ErrorResponseException failure(String step, String reason, Exception cause) {
            log.warn("Reset step failed step=\"{}\" cause=\"{}\"", step, reason);
            ErrorResponseException failure = new ErrorResponseException(HttpStatus.SERVICE_UNAVAILABLE, cause);
            failure.setTitle("The reset failed");
            failure.setDetail("Could not " + step + ": " + reason);
            failure.getBody().setProperty("step", step);
            failure.getBody().setProperty("steps", completed);
            return failure;
        }

        private String check(Deadline deadline) {
            deletedRows = totals.read();
            kafka.topics();
            return null;
        }

        private String stopStream(Deadline deadline) throws InterruptedException {
            return stopUntilEmpty(
                    STREAM_GROUP,
                    () -> post(RemoteService.CONSUMER, "/topology/stop", deadline),
                    "the group " + ConsumerGroups.STREAM + " still has members",
                    deadline);
        }

        private String stopConnectors(Deadline deadline) throws InterruptedException {
            return stopUntilEmpty(
                    STREAM_GROUP.negate(),
                    () -> {
                        stoppedConnectors = connect.connectors(deadline);
                        connect.stop(stoppedConnectors, deadline);
                        return null;
                    },
                    "the groups of the connectors still have members",
                    deadline);
        }

        private interface StopRequest {
            String send() throws InterruptedException;
        }

        /**
         * Sends the stop request until the groups have no members. A starting process joins its group before it accepts
         * requests, and a killed process stays a member until its session times out.
         *
         * @return a note if the process is not running, or null
         */
        private String stopUntilEmpty(
                Predicate<String> groupIds, StopRequest request, String failure, Deadline deadline)
                throws InterruptedException {
            while (true) {
                String note;
                try {
                    note = request.send();
                } catch (ServiceNotRunningException e) {
                    note = e.getMessage();
                }
                if (groups.memberCount(groupIds) == 0) {
                    return note;
                }
                if (!deadline.sleep(POLL_INTERVAL)) {
                    throw new UnavailableException(failure);
                }
            }
        }

        private String abortTransactions(Deadline deadline) throws InterruptedException {
            int aborted = topics.abortTransactions(deadline);
            return aborted == 0 ? null : aborted + " left open by a process that has died";
        }

        private String deleteRecords(Deadline deadline) throws InterruptedException {
            requirePausedIntake();
            // Another instance of the stream can have started in the meantime.
            stopStream(deadline);
            deletedOffsets = topics.deleteRecords(deadline);
            return null;
        }

        private String deleteConnectorOffsets(Deadline deadline) throws InterruptedException {
            connect.deleteOffsets(stoppedConnectors, deadline);
            return null;
        }

        private String emptyTables(Deadline deadline) throws InterruptedException {
            if (groups.memberCount(STREAM_GROUP) > 0) {
                throw new UnavailableException("the stream was started during the reset");
            }
            // A connector that started before the records were deleted can still write them. A later one cannot read
            // them.
            String note = groups.memberCount(STREAM_GROUP.negate()) > 0 ? stopConnectors(deadline) : null;
            requirePausedIntake();
            deletedRows = totals.read();
            jdbc.sql("SELECT reset_lab()").query(row -> {});
            return note;
        }

        private String resumeConnectors(Deadline deadline) throws InterruptedException {
            connect.resume(stoppedConnectors, deadline);
            return null;
        }

        private String post(RemoteService service, String path, Deadline deadline) {
            ServiceResponse response =
                    services.call(service, "POST", path, new byte[0], authorization, deadline.remaining());
            if (!response.isSuccess()) {
                throw new UnavailableException(
                        "%s responds to %s with %d: %s".formatted(service, path, response.status(), response.text()));
            }
            return null;
        }

        private void requirePausedIntake() {
            if (pauseDeadline.expired()) {
                throw new UnavailableException("the previous steps took so long that intake may have resumed");
            }
        }
    }

    private static long elapsedMs(long startedNanos) {
        return (System.nanoTime() - startedNanos) / 1_000_000;
    }
}
