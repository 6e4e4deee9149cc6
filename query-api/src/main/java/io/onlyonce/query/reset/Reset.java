package io.onlyonce.query.reset;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.onlyonce.model.Topics;
import io.onlyonce.model.kafka.ConsumerGroups;
import io.onlyonce.model.time.Deadline;
import io.onlyonce.query.UnavailableException;
import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.kafka.KafkaClients;
import io.onlyonce.query.kafka.KafkaClients.PartitionOffsets;
import io.onlyonce.query.kafka.KafkaController;
import io.onlyonce.query.services.ConnectClient;
import io.onlyonce.query.services.ControlLock;
import io.onlyonce.query.services.ServiceClient;
import io.onlyonce.query.services.ServiceClient.Service;
import io.onlyonce.query.tables.Totals;
import io.onlyonce.web.Guarded;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Runs one reset at a time, and no audit during a reset.
 *
 * <p>A reset stops the components in the order of the data flow, so that no order is in transit when it deletes the
 * records and the rows. Finally, it starts all components again, even if a step failed.
 *
 * <p>A reset skips a component that is not running. It fails if a component is running but does not respond, because
 * that component can hold orders.
 */
@RestController
@Tag(name = "Reset", description = "Empties the system")
final class Reset {
    private static final Logger log = LoggerFactory.getLogger(Reset.class);

    /** The producer resumes intake 60 s after it was paused. A reset deletes nothing close to that time. */
    private static final Duration PAUSE_LIMIT = Duration.ofSeconds(45);

    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    private static final Predicate<String> STREAM_GROUP = ConsumerGroups.ORDER_STREAM::equals;

    private final KafkaClients kafka;
    private final KafkaController groups;
    private final ServiceClient services;
    private final ConnectClient connect;
    private final JdbcClient jdbc;
    private final Totals totals;
    private final Audit audit;
    private final ControlLock lock;

    Reset(
            KafkaClients kafka,
            KafkaController groups,
            ServiceClient services,
            ConnectClient connect,
            JdbcClient jdbc,
            Totals totals,
            Audit audit,
            ControlLock lock) {
        this.kafka = kafka;
        this.groups = groups;
        this.services = services;
        this.connect = connect;
        this.jdbc = jdbc;
        this.totals = totals;
        this.audit = audit;
        this.lock = lock;
    }

    @PostMapping("/reset")
    @Guarded
    @Operation(
            operationId = "reset",
            summary = "Empties the topics, the tables and the dedup store. Responds when the reset is complete")
    @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "409", description = "Another reset or replay is running")
    Report reset(
            @Parameter(hidden = true) @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false)
                    String authorization) {
        return lock.run(() -> audit.cancelAndRun(() -> new Run(authorization).run()));
    }

    /** @param status always "reset": the system was empty before intake was resumed */
    record Report(
            @Schema(allowableValues = "reset") String status,
            long elapsedMs,
            Removed removed,
            List<CompletedStep> steps) {}

    /**
     * @param orders number of distinct order_ids
     * @param processedMessages number of rows, like `duplicateMessages`
     * @param topicOffsets number of offsets by topic, including transaction markers
     */
    record Removed(long orders, long processedMessages, long duplicateMessages, Map<String, Long> topicOffsets) {}

    /** @param note an unusual condition; null if there was none */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record CompletedStep(
            String step, long elapsedMs, @Nullable String note) {}

    private interface Step {
        void run(Deadline deadline) throws InterruptedException;
    }

    /** One reset. Sends the authorization header of the request to the other services. */
    private final class Run {
        private final String authorization;
        private final List<CompletedStep> completed = new ArrayList<>();
        private List<String> stoppedConnectors = List.of();
        private final Map<String, Long> deletedOffsets = new TreeMap<>();
        private Totals.Stats deletedRows;
        private Deadline pauseDeadline;
        private ErrorResponseException failure;
        /** The note of the current step, or null. */
        private String note;

        Run(String authorization) {
            this.authorization = authorization;
        }

        Report run() {
            long started = System.nanoTime();
            step("check that Kafka and PostgreSQL answer", 5, this::check);
            pauseDeadline = Deadline.in(PAUSE_LIMIT);
            try {
                step("pause intake", 15, deadline -> post(Service.PRODUCER, "/intake/pause", deadline));
                step("stop the stream", 25, this::stopStream);
                step("stop the connectors", 20, this::stopConnectors);
                step("end open transactions", 10, this::abortTransactions);
                step("delete records", 10, this::deleteRecords);
                step(
                        "delete the connectors' offsets",
                        10,
                        deadline -> connect.callEach("DELETE", stoppedConnectors, "/offsets", deadline));
                step("empty the tables", 20, this::emptyTables);
                step("make the numbers of partitions equal", 10, this::addPartitions);
            } catch (ErrorResponseException e) {
                failure = e;
            }
            start(
                    "resume the connectors",
                    10,
                    deadline -> connect.callEach("PUT", stoppedConnectors, "/resume", deadline));
            start("start the stream", 30, deadline -> post(Service.CONSUMER, "/topology/start", deadline));
            start("resume intake", 10, deadline -> post(Service.PRODUCER, "/intake/resume", deadline));
            if (failure != null) {
                throw failure;
            }
            return new Report(
                    "reset",
                    elapsedMs(started),
                    new Removed(
                            deletedRows.totalUniqueOrders(),
                            deletedRows.totalProcessedMessages(),
                            deletedRows.duplicatesRejected(),
                            deletedOffsets),
                    completed);
        }

        /** Runs the step even if an earlier step failed. The reset then fails with the first failure. */
        private void start(String name, int limitSeconds, Step step) {
            try {
                step(name, limitSeconds, step);
            } catch (ErrorResponseException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }

        private void step(String name, int limitSeconds, Step step) {
            long started = System.nanoTime();
            note = null;
            try {
                step.run(Deadline.in(Duration.ofSeconds(limitSeconds)));
            } catch (ServiceClient.NotRunningException e) {
                note = e.getReason();
            } catch (UnavailableException e) {
                throw failure(name, e.getReason(), e);
            } catch (DataAccessException e) {
                throw failure(name, e.getMostSpecificCause().getMessage(), e);
            } catch (InterruptedException e) {
                throw failure(name, UnavailableException.interrupted(e).getReason(), e);
            } catch (RuntimeException e) {
                // An unexpected error must not prevent the start of the components.
                log.error("Reset step failed unexpectedly step=\"{}\"", name, e);
                throw failure(name, e.toString(), e);
            }
            completed.add(new CompletedStep(name, elapsedMs(started), note));
        }

        private ErrorResponseException failure(String step, String reason, Exception cause) {
            log.warn("Reset step failed step=\"{}\" cause=\"{}\"", step, reason);
            ErrorResponseException problem = new ErrorResponseException(HttpStatus.SERVICE_UNAVAILABLE, cause);
            problem.setTitle("The reset failed");
            problem.setDetail("Could not " + step + ": " + reason);
            problem.getBody().setProperty("step", step);
            problem.getBody().setProperty("steps", completed);
            return problem;
        }

        private void check(Deadline deadline) {
            deletedRows = totals.read();
            kafka.topics();
        }

        private void stopStream(Deadline deadline) throws InterruptedException {
            stopUntilEmpty(STREAM_GROUP, limit -> post(Service.CONSUMER, "/topology/stop", limit), deadline);
        }

        private void stopConnectors(Deadline deadline) throws InterruptedException {
            Step stop = limit -> {
                stoppedConnectors = connect.connectors(limit);
                connect.stop(stoppedConnectors, limit);
            };
            stopUntilEmpty(STREAM_GROUP.negate(), stop, deadline);
        }

        /**
         * Sends the stop request until the groups have no members. A starting process joins its group before it accepts
         * requests, and a killed process stays a member until its session times out.
         */
        private void stopUntilEmpty(Predicate<String> groupIds, Step stop, Deadline deadline)
                throws InterruptedException {
            while (true) {
                note = null;
                try {
                    stop.run(deadline);
                } catch (ServiceClient.NotRunningException e) {
                    note = e.getReason();
                }
                if (groups.memberCount(groupIds) == 0) {
                    return;
                }
                if (!deadline.sleep(POLL_INTERVAL)) {
                    throw new UnavailableException("the consumer group still has members");
                }
            }
        }

        /**
         * Aborts the open transactions by fencing their producers, so that a producer that returns cannot commit them.
         * Intake is paused and the stream is stopped. Therefore, open transactions belong to processes that have died.
         */
        private void abortTransactions(Deadline deadline) throws InterruptedException {
            var ongoing = new ListTransactionsOptions().filterStates(List.of(TransactionState.ONGOING));
            List<String> transactionalIds = transactionalIds(ongoing);
            if (!transactionalIds.isEmpty()) {
                fence(transactionalIds, deadline);
                note = transactionalIds.size() + " left open by a process that has died";
            }
            if (!deadline.await(POLL_INTERVAL, () -> offsets().values().stream().noneMatch(log -> log.open() > 0))) {
                throw new UnavailableException("a transaction is still open");
            }
        }

        private List<String> transactionalIds(ListTransactionsOptions options) {
            return kafka.request(admin -> admin.listTransactions(options).all()).stream()
                    .map(TransactionListing::transactionalId)
                    .toList();
        }

        private void fence(List<String> transactionalIds, Deadline deadline) {
            kafka.request(
                    deadline.remaining(),
                    admin -> admin.fenceProducers(transactionalIds).all());
        }

        private void deleteRecords(Deadline deadline) throws InterruptedException {
            requirePausedIntake();
            // Another instance of the stream can have started in the meantime.
            stopStream(deadline);
            note = null;
            var offsets = offsets();
            Map<TopicPartition, RecordsToDelete> ends = new HashMap<>();
            offsets.forEach((partition, log) -> ends.put(partition, RecordsToDelete.beforeOffset(log.end())));
            kafka.request(
                    deadline.remaining(), admin -> admin.deleteRecords(ends).all());
            offsets.forEach((partition, log) -> deletedOffsets.merge(partition.topic(), log.length(), Long::sum));
        }

        private void emptyTables(Deadline deadline) throws InterruptedException {
            // A process that joined its group after the stream was stopped can have written records since then.
            if (groups.memberCount(STREAM_GROUP) > 0) {
                deleteRecords(deadline);
                note = "the stream was started during the reset, and was stopped again";
            }
            // A connector that started before the records were deleted can still write them. A later one cannot read
            // them.
            if (groups.memberCount(STREAM_GROUP.negate()) > 0) {
                stopConnectors(deadline);
            }
            requirePausedIntake();
            deletedRows = totals.read();
            jdbc.sql("SELECT reset_lab()").query(row -> {});
        }

        /**
         * Adds partitions until each topic has as many as the largest one. The dedup store is empty, so that an order_id can
         * move to another partition. The ingest replaces its producers when it resumes, because a producer knows the old
         * number of partitions for up to five minutes.
         */
        private void addPartitions(Deadline deadline) throws InterruptedException {
            Map<String, Integer> partitions = partitionCounts();
            int largest = partitions.values().stream().max(Integer::compare).orElse(0);
            Map<String, NewPartitions> additions = new TreeMap<>();
            partitions.forEach((topic, number) -> {
                if (number < largest) {
                    additions.put(topic, NewPartitions.increaseTo(largest));
                }
            });
            if (additions.isEmpty()) {
                return;
            }
            kafka.request(
                    deadline.remaining(),
                    admin -> admin.createPartitions(additions).all());
            if (!deadline.await(
                    POLL_INTERVAL, () -> partitionCounts().values().stream().allMatch(number -> number == largest))) {
                throw new UnavailableException("the new partitions do not exist yet");
            }
            note = "increased to " + largest + ": " + String.join(", ", additions.keySet());
        }

        private void post(Service service, String path, Deadline deadline) {
            var response = services.call(service, "POST", path, new byte[0], authorization, deadline.remaining());
            if (!response.getStatusCode().is2xxSuccessful()) {
                throw ServiceClient.unexpected(service, path, response);
            }
        }

        private void requirePausedIntake() {
            if (pauseDeadline.expired()) {
                throw new UnavailableException("the previous steps took so long that intake may have resumed");
            }
        }
    }

    /** Returns the offsets of the standard topics, of the connectors' dead-letter topics, and of the changelogs. */
    private Map<TopicPartition, PartitionOffsets> offsets() {
        return kafka.offsets(kafka.partitions(topic -> isOfStream(topic) || Topics.SINK_DEAD_LETTERS.contains(topic)));
    }

    private Map<String, Integer> partitionCounts() {
        Map<String, Integer> counts = new HashMap<>();
        kafka.topics().values().stream()
                .filter(topic -> isOfStream(topic.name()))
                .forEach(topic -> counts.put(topic.name(), topic.partitions().size()));
        return counts;
    }

    /** Returns true for the standard topics and the changelogs, which have the same number of partitions. */
    private static boolean isOfStream(String topic) {
        return Topics.ALL.contains(topic) || topic.startsWith(ConsumerGroups.ORDER_STREAM + "-");
    }

    private static long elapsedMs(long startedNanos) {
        return (System.nanoTime() - startedNanos) / 1_000_000;
    }
}
