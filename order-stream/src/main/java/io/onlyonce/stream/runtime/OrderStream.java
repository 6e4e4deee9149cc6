package io.onlyonce.stream.runtime;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.TaskScheduler;

/**
 * Runs the topology: starts it, restarts it in another mode, and restarts it if it stops unexpectedly. Thread-safe; changes
 * are serialized.
 */
public final class OrderStream implements HealthCheck, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OrderStream.class);
    private static final String RESTORING = "RESTORING";
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(100);

    /** The topology usually closes in less than a second, but a commit can wait for the broker. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    /** Longer than the restoration of a full store takes. */
    private static final Duration RUNNING_TIMEOUT = Duration.ofSeconds(60);

    private final StreamSettings settings;
    private final PersistedState persisted;
    private final Function<Mode, Topology> topology;
    private final StaticMemberClients clients;
    private final ThreadFailures failures;
    private final KafkaMonitor kafka;
    private final TaskScheduler background;

    private KafkaStreamsMetrics metrics;
    private volatile Restoration restoration = new Restoration();
    private volatile KafkaStreams streams;
    private volatile CompletableFuture<Void> running = new CompletableFuture<>();
    private volatile boolean stopped;
    private volatile String startProblem = "the topology is starting";
    private volatile long starts;
    /** The next topology restores the store from its changelog. */
    private volatile boolean storeDamaged;

    public OrderStream(
            StreamSettings settings,
            PersistedState persisted,
            Function<Mode, Topology> topology,
            StaticMemberClients clients,
            ThreadFailures failures,
            TaskScheduler background) {
        this.settings = settings;
        this.persisted = persisted;
        this.topology = topology;
        this.clients = clients;
        this.failures = failures;
        this.kafka = new KafkaMonitor(settings);
        this.background = background;
    }

    /** Starts the topology in the background as soon as Kafka responds, and keeps it running. */
    public void start() {
        background.scheduleWithFixedDelay(this::keepRunning, CHECK_INTERVAL);
        background.scheduleWithFixedDelay(this::checkKafka, KafkaMonitor.INTERVAL);
    }

    public Mode mode() {
        return persisted.mode();
    }

    public String description() {
        return topology.apply(mode()).describe().toString();
    }

    /**
     * Closes the topology and starts it in another mode in the background. If it was stopped, it starts in this mode later.
     *
     * @param change maps the current mode to the new one
     * @return false if the mode stays the same
     * @throws NotRunningException if the topology does not close; the mode stays the same
     */
    public synchronized boolean changeMode(UnaryOperator<Mode> change) {
        Mode mode = change.apply(persisted.mode());
        if (mode.equals(persisted.mode())) {
            return false;
        }
        close(GroupMembershipOperation.REMAIN_IN_GROUP);
        persisted.setMode(mode);
        return true;
    }

    /** Stops the topology and leaves the consumer group, so that the topics and the group can be reset. */
    public synchronized void stop() {
        stopped = true;
        close(GroupMembershipOperation.LEAVE_GROUP);
        log.info("Topology stopped");
    }

    /** Starts the topology after {@link #stop()} and waits until it runs. */
    public void resume() {
        stopped = false;
        awaitRunning();
    }

    /**
     * Waits until the topology runs. Returns at once if it is stopped.
     *
     * @throws NotRunningException if the topology cannot be started, or does not run in time. Further attempts follow
     */
    public void awaitRunning() {
        if (stopped) {
            return;
        }
        try {
            running.get(RUNNING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new NotRunningException("the topology is not running after %d s: %s"
                    .formatted(RUNNING_TIMEOUT.toSeconds(), problem().orElse(state())));
        } catch (ExecutionException e) {
            throw new NotRunningException(
                    "the topology starts as requested when Kafka responds: " + message(e.getCause()));
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Returns STARTING, STOPPED, RESTORING, or the name of a {@link KafkaStreams.State}. */
    public String state() {
        KafkaStreams current = streams;
        if (current == null) {
            return stopped ? "STOPPED" : "STARTING";
        }
        return isRestoring(current) ? RESTORING : current.state().name();
    }

    private boolean isRestoring(KafkaStreams current) {
        return current.state() == KafkaStreams.State.REBALANCING
                && restoration.progress().isPresent();
    }

    /**
     * Returns the reason if no orders are processed now. Kafka Streams stays RUNNING while no broker is available. A
     * restoration is not a problem: it needs no intervention, and a restart of the process would prolong it.
     */
    @Override
    public Optional<String> problem() {
        if (stopped) {
            return Optional.of("the topology was stopped by POST /topology/stop");
        }
        return kafka.problem()
                .or(() -> streams == null ? Optional.of(startProblem) : failures.problem())
                .or(() -> Optional.of(state())
                        .filter(state -> !state.equals("RUNNING") && !state.equals(RESTORING))
                        .map(state -> "the topology is " + state));
    }

    @Override
    public Optional<String> note() {
        return state().equals(RESTORING) ? restoration.progress() : Optional.empty();
    }

    public Optional<KafkaStreams> runningTopology() {
        return Optional.ofNullable(streams).filter(current -> current.state().isRunningOrRebalancing());
    }

    public long restarts() {
        return Math.max(0, starts - 1);
    }

    /** Closes the topology and stays in the group, so that the next process with this INSTANCE_ID gets its partitions. */
    @Override
    public synchronized void close() {
        stopped = true;
        try {
            close(GroupMembershipOperation.REMAIN_IN_GROUP);
        } finally {
            kafka.close();
        }
    }

    /** Closes the topology if the numbers of partitions differ. It starts again when they are equal. */
    private void checkKafka() {
        if (stopped || state().equals(RESTORING)) {
            kafka.restartProgress();
        }
        Optional<String> mismatch = kafka.check();
        if (mismatch.isPresent() && streams != null && !stopped) {
            log.error("Topology stops until the topics have the same number of partitions");
            synchronized (this) {
                // A static member that joins again would get its previous assignment, without the new partitions.
                close(GroupMembershipOperation.LEAVE_GROUP);
            }
        }
    }

    private synchronized void keepRunning() {
        if (stopped) {
            return;
        }
        try {
            if (streams != null && streams.state().hasCompletedShutdown()) {
                log.warn("Kafka Streams stopped unexpectedly, restarting state={}", streams.state());
                close(GroupMembershipOperation.REMAIN_IN_GROUP);
            }
            if (streams == null) {
                startTopology();
            }
        } catch (RuntimeException e) {
            storeDamaged |= StoreDamage.isCauseOf(e);
            running.completeExceptionally(e);
            running = new CompletableFuture<>();
            String problem = message(e);
            if (!problem.equals(startProblem)) {
                startProblem = problem;
                log.warn("Retrying cause=\"{}\"", problem);
            }
        }
    }

    private void startTopology() {
        kafka.requireEqualPartitions();
        Mode mode = persisted.mode();
        boolean restorable = new Changelog(kafka.admin()).prepare(settings.retention());
        KafkaStreams fresh = new KafkaStreams(
                topology.apply(mode), KafkaConfiguration.streams(settings, mode.processing()), clients);
        fresh.setUncaughtExceptionHandler(failure -> {
            storeDamaged |= StoreDamage.isCauseOf(failure);
            return failures.handle(failure);
        });
        restoration = new Restoration();
        fresh.setGlobalStateRestoreListener(restoration);
        fresh.setStateListener((newState, oldState) -> {
            log.info("Topology state={}", newState);
            if (newState == KafkaStreams.State.RUNNING) {
                running.complete(null);
            }
        });
        if (!restorable) {
            // After a reset, the local store must be empty as well.
            fresh.cleanUp();
        } else if (storeDamaged) {
            log.warn("The dedup store on disk is damaged, restoring it from its changelog");
            fresh.cleanUp();
        }
        storeDamaged = false;
        try {
            fresh.start();
        } catch (RuntimeException e) {
            // Otherwise, it keeps the lock of the state directory.
            fresh.close(CloseOptions.timeout(CLOSE_TIMEOUT));
            throw e;
        }
        streams = fresh;
        starts++;
        metrics = new KafkaStreamsMetrics(fresh);
        // Spring Boot adds its registry to the global registry, possibly after the topology has started.
        metrics.bindTo(Metrics.globalRegistry);
        log.info(
                "Topology starting processing_mode={} deduplication={}",
                mode.processing().wireName(),
                mode.deduplicating() ? "on" : "off");
    }

    private void close(GroupMembershipOperation membership) {
        KafkaStreams current = streams;
        if (current == null) {
            return;
        }
        if (running.isDone()) {
            running = new CompletableFuture<>();
        }
        if (!current.close(CloseOptions.timeout(CLOSE_TIMEOUT).withGroupMembershipOperation(membership))) {
            // It continues to close and holds the lock of the state directory, so no other topology can start.
            throw new NotRunningException("the topology has not closed within %d s; Kafka may not respond"
                    .formatted(CLOSE_TIMEOUT.toSeconds()));
        }
        metrics.close();
        streams = null;
        startProblem = "the topology is starting";
    }

    private static String message(Throwable e) {
        return e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + message(e.getCause());
    }
}
