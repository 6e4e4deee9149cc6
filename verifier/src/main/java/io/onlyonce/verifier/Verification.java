package io.onlyonce.verifier;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * One run: load, faults, sentinels, audit, verdict.
 *
 * <p>The system is the verifier's alone while it runs: an order that somebody else sends meanwhile counts as made up.
 * What was in the system before is left out of account.
 */
public final class Verification {
    private final SystemUnderTest system;
    private final Faults hand;
    private final Options options;
    private final Progress progress;
    private final Plan plan;
    private final Findings findings = new Findings();
    private final Meter meter = new Meter();

    public Verification(SystemUnderTest system, Faults hand, Options options, Progress progress) {
        this.system = system;
        this.hand = hand;
        this.options = options;
        this.progress = progress;
        // The seed decides what is sent; the time sets it apart from an earlier run with the same seed.
        String run = "v" + Long.toString(options.seed() & 0xFFFFFF, 36) + Long.toString(System.currentTimeMillis(), 36);
        this.plan = new Plan(run, options.seed(), options.orders(), options.duplicatesPercent());
    }

    /**
     * Returns when the audit is done. The modes stay as they were set.
     *
     * @throws IllegalStateException where the system cannot be reached, or the audit cannot be brought to its end
     */
    public Result run() throws InterruptedException {
        progress.phase("Setting the mode to " + options.mode().wireName());
        new ModeSwitch(system).set(options.mode());
        try (KafkaAccess kafka = new KafkaAccess(system.bootstrapServers())) {
            Map<Topic, long[]> starts = kafka.ends();
            long foreignOrders = foreignOrders();
            int partitions = starts.get(Topic.ORDERS).length;
            Ledger ledger = new Ledger(options.orders() + Sentinels.MOST_PER_PARTITION * partitions);
            Loaded loaded = load(kafka, starts, ledger);
            History history = audit(kafka, starts, ledger, foreignOrders);
            return result(ledger, history, loaded);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read PostgreSQL: " + e.getMessage(), e);
        }
    }

    private long foreignOrders() throws SQLException {
        try (Tables tables = new Tables(system)) {
            return tables.ordersNotOf(plan);
        }
    }

    private record Loaded(
            Instant startedAt,
            double seconds,
            List<Injury> injuries,
            Set<ComponentName> ended,
            List<Timeline.Sample> timeline) {}

    private Loaded load(KafkaAccess kafka, Map<Topic, long[]> starts, Ledger ledger) throws InterruptedException {
        try (IngestClient client = new IngestClient(system.producer(), options.requestTimeout());
                OutputWatcher output = new OutputWatcher(kafka, starts);
                RowWatcher rows = new RowWatcher(system, starts)) {
            Requests requests = new Requests(plan, client);
            Courier courier = new Courier(plan, ledger, requests, meter, findings);
            Load load = new Load(plan, courier, requests, meter, findings, options.rate(), options.maxInFlight());
            Recovery recovery = new Recovery(system, kafka, output, rows, meter);
            FaultInjector injector = new FaultInjector(options, hand, recovery, load, progress);
            progress.phase("Sending %,d orders at %,.0f/s".formatted(options.orders(), options.rate()));
            Timeline timeline = new Timeline(meter, output, rows, progress, options.orders());
            Instant startedAt = Instant.now();
            double seconds;
            try (timeline) {
                seconds = sendUnderFaults(load, injector);
                output.requireWatching();
                progress.phase("Waiting for the sentinels");
                new Sentinels(plan, options, courier, output, system, findings).prove(starts.get(Topic.ORDERS).length);
                output.requireWatching();
                awaitEndOfTransactions(kafka);
            }
            return new Loaded(startedAt, seconds, injector.injuries(findings), hand.ended(), timeline.samples());
        }
    }

    /** @return how many seconds the load took */
    private double sendUnderFaults(Load load, FaultInjector injector) throws InterruptedException {
        long began = System.nanoTime();
        if (options.faults().isEmpty()) {
            load.run();
            return (System.nanoTime() - began) / 1e9;
        }
        List<Throwable> failures = new ArrayList<>();
        Thread faults = Thread.ofPlatform().name("faults").unstarted(() -> {
            try {
                injector.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        faults.setUncaughtExceptionHandler((thread, failure) -> {
            failures.add(failure);
            load.stop();
        });
        faults.start();
        try {
            load.run();
            double seconds = (System.nanoTime() - began) / 1e9;
            faults.join();
            if (!failures.isEmpty()) {
                throw new IllegalStateException("the faults could not be injected", failures.getFirst());
            }
            return seconds;
        } catch (InterruptedException e) {
            faults.interrupt();
            throw e;
        }
    }

    /** When all is quiet, no transaction may be open: whoever reads committed data would wait behind it for ever. */
    private void awaitEndOfTransactions(KafkaAccess kafka) throws InterruptedException {
        long deadline = System.nanoTime() + options.bound().toNanos();
        List<String> open = kafka.openTransactions();
        while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(100);
            open = kafka.openTransactions();
        }
        open.forEach(place -> findings.add(Anomaly.STALLED, place, "a transaction is still open"));
    }

    private History audit(KafkaAccess kafka, Map<Topic, long[]> starts, Ledger ledger, long foreignOrders)
            throws SQLException, InterruptedException {
        progress.phase("Reading topics and tables");
        History history = new History(plan, options.mode(), starts, ledger.capacity(), findings);
        new Audit(kafka, system, starts, progress).read(plan, history);
        long more = foreignOrders() - foreignOrders;
        if (more > 0) {
            findings.add(Anomaly.PHANTOM, "table orders", more + " rows more with ids that nobody sent");
        }
        new Checker(plan, ledger, history, findings).check();
        return history;
    }

    private Result result(Ledger ledger, History history, Loaded loaded) {
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
        List<String> violations = violations(loaded.injuries, loaded.ended);
        return new Result(
                options.mode().wireName(),
                (int) meter.sent.sum(),
                acknowledged,
                indeterminate,
                findings.count(Anomaly.LOST),
                findings.count(Anomaly.DUPLICATED),
                findings.count(Anomaly.PHANTOM),
                findings.count(Anomaly.ALTERED),
                findings.count(Anomaly.PARTIAL_BATCH),
                duplicatesSent,
                duplicatesRejected,
                loaded.injuries,
                Result.Spread.of(loaded.injuries.stream()
                        .map(Injury::recoveryMs)
                        .filter(ms -> ms != null)
                        .toList()),
                Math.round(acknowledged / loaded.seconds * 10) / 10.0,
                violations.isEmpty(),
                violations,
                options.seed(),
                plan.run(),
                loaded.startedAt,
                Math.round(loaded.seconds * 1e3) / 1e3,
                history.reprocessed(),
                anomalies(),
                new Result.Records(
                        history.total(Topic.ORDERS),
                        history.total(Topic.PROCESSED),
                        history.total(Topic.DUPLICATES),
                        history.total(Topic.DEAD_LETTERS)),
                new Result.Client(
                        meter.retries.sum(),
                        meter.unanswered.sum(),
                        meter.notSent.sum(),
                        meter.invalidSent.sum(),
                        meter.invalidRefused.sum()),
                latency(),
                findings.examples().stream()
                        .map(one -> new Result.Case(one.anomaly().wireName(), one.where(), one.what()))
                        .toList(),
                loaded.timeline);
    }

    private List<String> violations(List<Injury> injuries, Set<ComponentName> ended) {
        List<String> violations = new ArrayList<>();
        ended.forEach(part -> violations.add("ended by itself: " + part.wireName()));
        findings.counts().forEach((anomaly, count) -> {
            if (options.mode().isViolatedBy(anomaly)) {
                violations.add("%s: %,d (%s)".formatted(anomaly.wireName(), count, anomaly.meaning()));
            }
        });
        for (Fault fault : options.faults()) {
            if (injuries.stream().noneMatch(injury -> injury.is(fault))) {
                violations.add("not tried: the load ended the %s".formatted(fault));
            }
        }
        return violations;
    }

    private Result.Anomalies anomalies() {
        return new Result.Anomalies(
                findings.count(Anomaly.OUT_OF_ORDER),
                findings.count(Anomaly.MISSING_RECORD),
                findings.count(Anomaly.EXTRA_RECORD),
                findings.count(Anomaly.UNBALANCED),
                findings.count(Anomaly.MISSING_ROW),
                findings.count(Anomaly.INVALID_ACCEPTED),
                findings.count(Anomaly.REFUSED),
                findings.count(Anomaly.STALLED),
                findings.count(Anomaly.NOT_RECOVERED));
    }

    private Result.Latency latency() {
        Histogram latency = meter.latency();
        return new Result.Latency(
                latency.getValueAtPercentile(50) / 1e3,
                latency.getValueAtPercentile(95) / 1e3,
                latency.getValueAtPercentile(99) / 1e3,
                latency.getMaxValue() / 1e3);
    }
}
