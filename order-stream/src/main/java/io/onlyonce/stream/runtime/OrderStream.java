package io.onlyonce.stream.runtime;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.onlyonce.model.ProcessingMode;
import io.onlyonce.stream.topology.Mode;
import io.onlyonce.web.BrokerProbe;
import io.onlyonce.web.HealthCheck;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the topology: starts it, restarts it in another mode, and restarts it if it stops unexpectedly. Thread-safe; changes
 * are serialized.
 */
public final class OrderStream implements HealthCheck, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OrderStream.class);
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
    private final ScheduledExecutorService background = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("order-stream").factory());

    private Admin admin;
    private KafkaStreamsMetrics metrics;
    private volatile BrokerProbe brokers;
    private volatile KafkaStreams streams;
    private volatile CompletableFuture<Void> running = new CompletableFuture<>();
    private volatile boolean stopped;
    private volatile String startProblem = "the topology is starting";
    private volatile long starts;

    public OrderStream(
            StreamSettings settings,
            PersistedState persisted,
            Function<Mode, Topology> topology,
            StaticMemberClients clients,
            ThreadFailures failures) {
        this.settings = settings;
        this.persisted = persisted;
        this.topology = topology;
        this.clients = clients;
        this.failures = failures;
    }

    /** Starts the topology in the background as soon as Kafka responds, and keeps it running. */
    public void start() {
        background.scheduleWithFixedDelay(this::keepRunning, 0, CHECK_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
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

    /** Returns STARTING, STOPPED, or the name of a {@link KafkaStreams.State}. */
    public String state() {
        return Optional.ofNullable(streams)
                .map(current -> current.state().name())
                .orElse(stopped ? "STOPPED" : "STARTING");
    }

    /** Returns the reason if no orders are processed now. Kafka Streams stays RUNNING while no broker is available. */
    @Override
    public Optional<String> problem() {
        if (stopped) {
            return Optional.of("the topology was stopped by POST /topology/stop");
        }
        return Optional.ofNullable(brokers)
                .flatMap(BrokerProbe::problem)
                .or(() -> streams == null ? Optional.of(startProblem) : failures.problem())
                .or(() -> Optional.of("the topology is " + state()).filter(_ -> !state().equals("RUNNING")));
    }

    public Optional<KafkaStreams> runningTopology() {
        return Optional.ofNullable(streams).filter(current -> current.state().isRunningOrRebalancing());
    }

    public long restarts() {
        return Math.max(0, starts - 1);
    }

    /** Closes the topology and stays in the group, so that the next process with this INSTANCE_ID gets its partitions. */
    @Override
    public void close() {
        background.shutdownNow();
        synchronized (this) {
            stopped = true;
            try {
                close(GroupMembershipOperation.REMAIN_IN_GROUP);
            } finally {
                if (admin != null) {
                    admin.close(Duration.ofSeconds(1));
                }
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
        if (admin == null) {
            admin = Admin.create(KafkaConfiguration.admin(settings));
            brokers = new BrokerProbe(settings.bootstrapServers(), List.of(), () -> admin);
        }
        Mode mode = persisted.mode();
        boolean restorable = new Changelog(admin).prepare(settings.retention());
        KafkaStreams fresh = new KafkaStreams(
                topology.apply(mode), KafkaConfiguration.streams(settings, mode.processing()), clients);
        fresh.setUncaughtExceptionHandler(failures);
        fresh.setStateListener((newState, oldState) -> {
            log.info("Topology state={}", newState);
            if (newState == KafkaStreams.State.RUNNING) {
                running.complete(null);
            }
        });
        if (!restorable) {
            // After a reset, the local store must be empty as well.
            fresh.cleanUp();
        } else if (persisted.storeDirty()) {
            log.info("Unclean shutdown detected, restoring the state store from its changelog");
            // Under exactly-once, Kafka Streams would do the same, but only after it has opened each store twice. Under
            // at-least-once, it would keep the uncommitted entries.
            fresh.cleanUp();
        }
        persisted.setStoreDirty(mode.processing() == ProcessingMode.EXACTLY_ONCE);
        fresh.start();
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
        persisted.setStoreDirty(false);
        metrics.close();
        streams = null;
        startProblem = "the topology is starting";
    }

    private static String message(Throwable e) {
        return e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + message(e.getCause());
    }
}
