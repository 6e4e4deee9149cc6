package io.onlyonce.verifier;

import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Checker;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.check.History;
import io.onlyonce.verifier.check.Ledger;
import io.onlyonce.verifier.check.Topic;
import io.onlyonce.verifier.faults.Fault;
import io.onlyonce.verifier.faults.FaultInjector;
import io.onlyonce.verifier.load.LoadGenerator;
import io.onlyonce.verifier.load.LoadStatistics;
import io.onlyonce.verifier.load.OrderSender;
import io.onlyonce.verifier.load.ServiceClient;
import io.onlyonce.verifier.observe.OutputWatcher;
import io.onlyonce.verifier.observe.RecoveryProbe;
import io.onlyonce.verifier.observe.RowWatcher;
import io.onlyonce.verifier.observe.Sentinels;
import io.onlyonce.verifier.observe.TableReader;
import io.onlyonce.verifier.observe.Timeline;
import io.onlyonce.verifier.observe.TopicReader;
import io.onlyonce.verifier.plan.OrderPlan;
import io.onlyonce.verifier.report.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.springframework.core.NestedRuntimeException;

/**
 * One run: sends the load, injects faults, sends sentinels, reads topics and tables, and checks them. No other client may
 * send orders during the run, because its orders would count as phantoms. Earlier content of the system is ignored.
 */
public final class Verification {
    /** The anomalies that are not top-level fields in the JSON of the contract. */
    private static final Set<Anomaly> OTHER_ANOMALIES = EnumSet.complementOf(
            EnumSet.of(Anomaly.LOST, Anomaly.DUPLICATED, Anomaly.PHANTOM, Anomaly.ALTERED, Anomaly.PARTIAL_BATCH));

    private final SystemUnderTest system;
    private final ProcessControl processes;
    private final Options options;
    private final Progress progress;
    private final OrderPlan plan;
    private final Findings findings = new Findings();
    private final LoadStatistics statistics = new LoadStatistics();

    public Verification(SystemUnderTest system, ProcessControl processes, Options options, Progress progress) {
        this.system = system;
        this.processes = processes;
        this.options = options;
        this.progress = progress;
        // The time makes the ids differ from those of an earlier run with the same seed.
        String run = "v" + Long.toString(options.seed() & 0xFFFFFF, 36) + Long.toString(System.currentTimeMillis(), 36);
        this.plan = new OrderPlan(run, options.seed(), options.orders(), options.duplicatesPercent());
    }

    /**
     * Returns after the audit. Does not restore the configuration of the services.
     *
     * @throws IllegalStateException if the system cannot be reached, or the audit cannot be completed
     */
    public Result run() throws InterruptedException {
        progress.phase("Setting the mode to " + options.mode().wireName());
        try (ServiceClient client = new ServiceClient(system, ServiceClient.REQUEST_TIMEOUT);
                TopicReader topics = new TopicReader(system.bootstrapServers())) {
            client.configure(options.mode());
            Map<Topic, long[]> starts = topics.endOffsets();
            long foreignOrders = countForeignOrders();
            int partitions = starts.get(Topic.ORDERS).length;
            Ledger ledger = new Ledger(options.orders() + Sentinels.MAX_PER_PARTITION * partitions);
            Load load = load(client, topics, starts, ledger);
            History history = audit(topics, starts, ledger, foreignOrders);
            return result(ledger, history, load);
        } catch (NestedRuntimeException e) {
            throw new IllegalStateException("cannot read PostgreSQL: " + e.getMessage(), e);
        }
    }

    private long countForeignOrders() {
        try (TableReader tables = new TableReader(system)) {
            return tables.countForeignOrders(plan);
        }
    }

    private record Load(Instant startedAt, double seconds, List<Fault> faults, List<Timeline.Sample> timeline) {}

    private Load load(ServiceClient client, TopicReader topics, Map<Topic, long[]> starts, Ledger ledger)
            throws InterruptedException {
        progress.phase("Sending %,d orders at %,.0f/s".formatted(options.orders(), options.rate()));
        try (OutputWatcher output = new OutputWatcher(topics, starts);
                RowWatcher rows = new RowWatcher(system, starts);
                Timeline timeline = new Timeline(statistics, output, rows, progress, options.orders())) {
            OrderSender sender = new OrderSender(plan, ledger, client, statistics, findings);
            LoadGenerator load = new LoadGenerator(plan, sender, statistics, options.rate());
            RecoveryProbe probe = new RecoveryProbe(client, topics, output, rows, statistics);
            FaultInjector injector = new FaultInjector(options, processes, probe, load, progress);
            Instant startedAt = Instant.now();
            double seconds = runWithFaults(load, injector);
            timeline.requireWatching();
            progress.phase("Waiting for the sentinels");
            new Sentinels(plan, options.mode(), sender, output, system, findings)
                    .sendAndAwait(starts.get(Topic.ORDERS).length, options.bound());
            awaitEndOfTransactions(topics);
            timeline.requireWatching();
            return new Load(startedAt, seconds, injector.faults(findings), timeline.samples());
        }
    }

    /** @return the duration of the load in seconds */
    private static double runWithFaults(LoadGenerator load, FaultInjector injector) throws InterruptedException {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            long started = System.nanoTime();
            Future<Void> faults = thread.submit(injector);
            load.run();
            double seconds = (System.nanoTime() - started) / 1e9;
            faults.get();
            return seconds;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot inject the faults", e.getCause());
        } finally {
            thread.shutdownNow();
        }
    }

    private void awaitEndOfTransactions(TopicReader topics) throws InterruptedException {
        long deadline = System.nanoTime() + options.bound().toNanos();
        List<String> open = topics.openTransactions();
        while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(100);
            open = topics.openTransactions();
        }
        open.forEach(partition -> findings.add(Anomaly.STALLED, partition, "a transaction is still open"));
    }

    private History audit(TopicReader topics, Map<Topic, long[]> starts, Ledger ledger, long foreignOrders)
            throws InterruptedException {
        progress.phase("Reading topics and tables");
        History history = new History(plan, options.mode(), starts, ledger.capacity(), findings);
        for (Topic topic : Topic.values()) {
            topics.read(topic, starts.get(topic), history, progress);
        }
        try (TableReader tables = new TableReader(system)) {
            tables.readOrders(plan, history, progress);
            tables.readMessages(Topic.PROCESSED, starts, history, progress);
            tables.readMessages(Topic.DUPLICATES, starts, history, progress);
        }
        long more = countForeignOrders() - foreignOrders;
        if (more > 0) {
            findings.add(Anomaly.PHANTOM, "table orders", more + " new rows with ids that no client of this run sent");
        }
        new Checker(plan, ledger, history, findings).check();
        return history;
    }

    private Result result(Ledger ledger, History history, Load load) {
        int acknowledged = 0;
        int indeterminate = 0;
        long duplicatesSent = 0;
        long duplicatesRejected = 0;
        for (int index = 0; index < plan.orders(); index++) {
            int acknowledgements = ledger.acknowledgements(index);
            acknowledged += acknowledgements > 0 ? 1 : 0;
            indeterminate += acknowledgements == 0 && ledger.unanswered(index) > 0 ? 1 : 0;
            duplicatesSent += Math.max(0, acknowledgements - 1);
            duplicatesRejected += history.count(Topic.DUPLICATES, index);
        }
        Map<Anomaly, Long> others = new EnumMap<>(Anomaly.class);
        OTHER_ANOMALIES.forEach(anomaly -> others.put(anomaly, findings.count(anomaly)));
        List<String> violations = violations(load);
        return new Result(
                options.mode().wireName(),
                statistics.sent.intValue(),
                acknowledged,
                indeterminate,
                findings.count(Anomaly.LOST),
                findings.count(Anomaly.DUPLICATED),
                findings.count(Anomaly.PHANTOM),
                findings.count(Anomaly.ALTERED),
                findings.count(Anomaly.PARTIAL_BATCH),
                duplicatesSent,
                duplicatesRejected,
                load.faults,
                Result.Spread.of(load.faults.stream().map(Fault::recoveryMs).toList()),
                Math.round(acknowledged / load.seconds * 10) / 10.0,
                violations.isEmpty(),
                violations,
                options.seed(),
                plan.run(),
                load.startedAt,
                Math.round(load.seconds * 1e3) / 1e3,
                history.reprocessed(),
                others,
                new Result.Records(
                        history.total(Topic.ORDERS),
                        history.total(Topic.PROCESSED),
                        history.total(Topic.DUPLICATES),
                        history.total(Topic.DEAD_LETTERS)),
                new Result.Client(
                        statistics.retries.sum(),
                        statistics.unanswered.sum(),
                        statistics.notSent.sum(),
                        statistics.invalidSent.sum(),
                        statistics.invalidRejected.sum()),
                latency(),
                findings.examples(),
                load.timeline);
    }

    private List<String> violations(Load load) {
        List<String> violations = new ArrayList<>();
        processes.ended().forEach(component -> violations.add("stopped unexpectedly: " + component.wireName()));
        findings.counts().forEach((anomaly, count) -> {
            if (options.mode().isViolatedBy(anomaly)) {
                violations.add("%s: %,d (%s)".formatted(anomaly.wireName(), count, anomaly.meaning()));
            }
        });
        options.faults().stream()
                .filter(planned -> load.faults.stream().noneMatch(fault -> fault.is(planned)))
                .forEach(planned -> violations.add("not injected: %s (the load ended first)".formatted(planned)));
        return violations;
    }

    private Result.Latency latency() {
        Histogram micros = statistics.latency();
        double p50 = micros.getValueAtPercentile(50) / 1e3;
        double p95 = micros.getValueAtPercentile(95) / 1e3;
        double p99 = micros.getValueAtPercentile(99) / 1e3;
        return new Result.Latency(p50, p95, p99, micros.getMaxValue() / 1e3);
    }
}
