package io.onlyonce.stream;

import io.onlyonce.model.ProcessingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.ThreadMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the topology running: starts it, restarts it in another mode, and starts it again should it end by itself. All
 * that changes whether it runs happens under one lock, one after the other.
 */
final class OrderStream implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OrderStream.class);
    private static final Duration CHECK_INTERVAL = Duration.ofMillis(250);

    /** A topology closes in well under a second; a commit that waits for the broker may take longer. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    /** Longer than restoring a full store takes. */
    private static final Duration RUNNING_TIMEOUT = Duration.ofSeconds(60);

    private final StreamSettings settings;
    private final PersistedState persisted;
    private final Faults faults;
    private final OrderJournal journal;
    private final ThreadFailures failures;
    private final Seats seats;
    private final Consumer<KafkaStreams> onStart;
    private final ReentrantLock lifecycle = new ReentrantLock(true);
    private final ScheduledExecutorService background = Executors.newScheduledThreadPool(
            3, Thread.ofPlatform().daemon().name("order-stream-", 0).factory());

    private Admin admin;
    private volatile BrokerWatch brokers;
    private volatile KafkaStreams streams;
    private volatile CompletableFuture<Void> running = new CompletableFuture<>();
    private volatile boolean stopped;
    private volatile String startProblem = "the topology is starting";
    private volatile long restarts = -1;

    /** @param onStart is told of every new KafkaStreams, for its metrics */
    OrderStream(
            StreamSettings settings,
            PersistedState persisted,
            Faults faults,
            OrderJournal journal,
            ThreadFailures failures,
            Seats seats,
            Consumer<KafkaStreams> onStart) {
        this.settings = settings;
        this.persisted = persisted;
        this.faults = faults;
        this.journal = journal;
        this.failures = failures;
        this.seats = seats;
        this.onStart = onStart;
    }

    /** Thrown where the topology does not run, or not in time; the message says why. */
    static final class NotRunningException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotRunningException(String message) {
            super(message);
        }
    }

    /** Returns at once. From now on the topology is started, and kept running, as soon as Kafka answers. */
    void start() {
        schedule(this::keepRunning, CHECK_INTERVAL);
        schedule(journal::everySecond, Duration.ofSeconds(1));
        schedule(() -> Optional.ofNullable(brokers).ifPresent(BrokerWatch::look), Duration.ofSeconds(1));
    }

    Mode mode() {
        return persisted.mode();
    }

    /**
     * Restarts the topology if the change is to another mode. Returns when it is running; one call at a time, each
     * changes what the one before has left. A stopped topology stays stopped, and starts in that mode later.
     *
     * @throws NotRunningException where it does not run again in time; it is still being tried
     */
    void reconfigure(ConfigController.Change change) {
        lifecycle.lock();
        try {
            Mode mode = change.appliedTo(persisted.mode());
            if (mode.equals(persisted.mode())) {
                setFaults(change);
                return;
            }
            close(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
            persisted.setMode(mode);
            setFaults(change);
            if (!stopped) {
                startTopology();
                awaitRunning();
            }
        } finally {
            lifecycle.unlock();
        }
    }

    private void setFaults(ConfigController.Change change) {
        Faults.Plan plan = change.appliedTo(faults.plan());
        if (change.setsCrash()) {
            faults.set(plan);
        } else {
            faults.setFailureRate(plan.failureRate());
        }
    }

    /** Ends the topology, and its membership in the group: what it reads and writes may be deleted then. */
    void stop() {
        lifecycle.lock();
        try {
            stopped = true;
            close(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            log.info("The topology is stopped");
        } finally {
            lifecycle.unlock();
        }
    }

    /** Undoes {@link #stop()}; returns when the topology is running. */
    void resume() {
        lifecycle.lock();
        try {
            stopped = false;
            if (streams != null && streams.state().hasCompletedShutdown()) {
                close(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
            }
            if (streams == null) {
                startTopology();
            }
            awaitRunning();
        } finally {
            lifecycle.unlock();
        }
    }

    /** STARTING, STOPPED, or one of Kafka Streams' own. */
    String state() {
        KafkaStreams current = streams;
        if (current != null) {
            return current.state().name();
        }
        return stopped ? "STOPPED" : "STARTING";
    }

    /** Why no order is processed now; empty where they are. */
    Optional<String> problem() {
        if (stopped) {
            return Optional.of("the topology was stopped by POST /topology/stop");
        }
        Optional<String> broker = Optional.ofNullable(brokers).flatMap(BrokerWatch::problem);
        if (broker.isPresent()) {
            return broker;
        }
        KafkaStreams current = streams;
        if (current == null) {
            return Optional.of(startProblem);
        }
        Optional<String> failing = failures.problem();
        if (failing.isPresent()) {
            return failing;
        }
        return current.state() == KafkaStreams.State.RUNNING
                ? Optional.empty()
                : Optional.of("the topology is " + current.state());
    }

    /** The topology that runs now, or rebalances. */
    Optional<KafkaStreams> runningTopology() {
        return Optional.ofNullable(streams).filter(current -> current.state().isRunningOrRebalancing());
    }

    /** How often the topology was started again since the process started. */
    long restarts() {
        return Math.max(0, restarts);
    }

    /** Ends the topology and remains in the group: whoever starts with this INSTANCE_ID soon goes on where it stopped. */
    @Override
    public void close() {
        background.shutdownNow();
        lifecycle.lock();
        try {
            stopped = true;
            close(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
        } finally {
            lifecycle.unlock();
            if (admin != null) {
                admin.close(Duration.ofSeconds(1));
            }
        }
    }

    private void keepRunning() {
        if (stopped || !lifecycle.tryLock()) {
            return;
        }
        try {
            if (stopped) {
                return;
            }
            if (streams != null && streams.state().hasCompletedShutdown()) {
                log.warn("The topology has ended by itself, in state {}; it is started again", streams.state());
                close(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP);
            }
            if (streams == null) {
                startTopology();
            } else if (streams.state().isRunningOrRebalancing()) {
                replaceMissingThreads();
            }
        } finally {
            lifecycle.unlock();
        }
    }

    private void startTopology() {
        if (admin == null) {
            admin = Admin.create(KafkaConfiguration.admin(settings));
            brokers = new BrokerWatch(admin, settings.bootstrapServers());
        }
        Mode mode = persisted.mode();
        Changelog changelog = new Changelog(admin);
        boolean empty = changelog.isEmpty();
        changelog.applyRetention(settings.retention());
        TopologySettings topology = new TopologySettings(mode, settings.retention(), settings.instanceId());
        KafkaStreams fresh = new KafkaStreams(
                OrderTopology.build(topology, faults, journal),
                KafkaConfiguration.streams(settings, mode.processing()),
                new InstanceClients(seats, admin));
        CompletableFuture<Void> freshRunning = new CompletableFuture<>();
        fresh.setUncaughtExceptionHandler(failures);
        fresh.setStateListener((newState, oldState) -> {
            log.info("The topology is {}", newState);
            if (newState == KafkaStreams.State.RUNNING) {
                freshRunning.complete(null);
            }
        });
        if (empty) {
            // The changelog was emptied by a reset: what the local store still remembers must be forgotten too.
            fresh.cleanUp();
        } else if (persisted.storeDirty()) {
            log.info("The last topology did not end in order: the store is restored from its changelog");
            // Kafka Streams comes to the same, but task by task, each opened twice before; and under at-least-once not
            // at all.
            fresh.cleanUp();
        }
        persisted.setStoreDirty(mode.processing() == ProcessingMode.EXACTLY_ONCE);
        fresh.start();
        running = freshRunning;
        streams = fresh;
        restarts++;
        onStart.accept(fresh);
        log.info(
                "The topology starts: {}, deduplication {}",
                mode.processing().wireName(),
                mode.deduplicating() ? "on" : "off");
    }

    /** A thread that could not be replaced, say because the broker's name did not resolve just then, is missing. */
    private void replaceMissingThreads() {
        long alive = streams.metadataForLocalThreads().stream()
                .map(ThreadMetadata::threadState)
                .filter(state -> !state.equals("PENDING_SHUTDOWN"))
                .count();
        boolean dying = streams.metadataForLocalThreads().size() > alive;
        if (alive < settings.threads() && !dying) {
            streams.addStreamThread();
        }
    }

    private void close(CloseOptions.GroupMembershipOperation membership) {
        KafkaStreams current = streams;
        if (current == null) {
            return;
        }
        if (!current.close(CloseOptions.timeout(CLOSE_TIMEOUT).withGroupMembershipOperation(membership))) {
            // It goes on closing. Until it has, its state directory is locked, and nothing else can be started.
            throw new NotRunningException("the running topology does not close within %d s, Kafka may not be answering"
                    .formatted(CLOSE_TIMEOUT.toSeconds()));
        }
        persisted.setStoreDirty(false);
        streams = null;
        startProblem = "the topology is starting";
    }

    private void awaitRunning() {
        try {
            running.get(RUNNING_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new NotRunningException("the topology is not running after %d s: %s"
                    .formatted(RUNNING_TIMEOUT.toSeconds(), problem().orElse(state())));
        } catch (ExecutionException e) {
            throw new IllegalStateException("nobody completes it so", e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private void schedule(Runnable task, Duration interval) {
        background.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        // Said once, not four times a second.
                        String problem = e.getMessage() + causes(e);
                        if (!problem.equals(startProblem)) {
                            startProblem = problem;
                            log.warn("Trying again: {}", problem);
                        }
                    }
                },
                0,
                interval.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static String causes(Throwable e) {
        return e.getCause() == null ? "" : ": " + e.getCause().getMessage() + causes(e.getCause());
    }
}
