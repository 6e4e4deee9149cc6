package io.onlyonce.verifier.faults;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.ProcessControl;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.load.LoadGenerator;
import io.onlyonce.verifier.observe.RecoveryProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Injects the planned faults at random times while the load runs. Each fault is injected once, in random order, then each
 * again. The seed of the run determines times and order.
 *
 * <p>The next fault waits until the system has recovered from the previous one or the deadline has passed, because the
 * system must recover from any single fault, not from several at the same time.
 */
public final class FaultInjector implements Callable<Void> {
    /** With less load left, no output would show the recovery. */
    private static final double MIN_LOAD_SECONDS = 2;

    private static final long POLL_NANOS = 50_000_000;
    private static final int MAX_DOWNTIME_MILLIS = 1_000;
    private static final Duration DELAY_OF_REPLACEMENT = Duration.ofSeconds(2);
    private static final Duration LIFETIME_OF_ZOMBIE = Duration.ofSeconds(5);

    private final ProcessControl processes;
    private final RecoveryProbe probe;
    private final LoadGenerator load;
    private final Options options;
    private final Random random;
    private final Progress progress;
    private final List<Injected> injected = new ArrayList<>();
    private long started;

    private record Restart(long at, CompletableFuture<Long> outputAt) {}

    /** @param failure why the fault could not be injected, or null */
    private record Injected(PlannedFault fault, Instant at, long signalAt, Restart restart, String failure) {}

    public FaultInjector(
            Options options, ProcessControl processes, RecoveryProbe probe, LoadGenerator load, Progress progress) {
        this.processes = processes;
        this.probe = probe;
        this.load = load;
        this.options = options;
        this.random = new Random(options.seed());
        this.progress = progress;
    }

    /** Returns when too little load is left for another fault, or a component failed. Any failure ends the load. */
    @Override
    public Void call() throws InterruptedException {
        try {
            injectAll(options.faults());
            return null;
        } catch (RuntimeException e) {
            load.stop();
            throw e;
        }
    }

    private void injectAll(List<PlannedFault> planned) throws InterruptedException {
        if (planned.isEmpty()) {
            return;
        }
        started = System.nanoTime();
        List<PlannedFault> round = new ArrayList<>();
        int waiting = planned.size();
        load.holdBack(true);
        long due = started + nextPause(waiting);
        while (sleepUntil(due)) {
            // A component that crashed must not be reported as a killed one.
            if (!processes.ended().isEmpty()) {
                load.stop();
                return;
            }
            if (round.isEmpty()) {
                round.addAll(planned);
                Collections.shuffle(round, random);
            }
            Injected fault = inject(round.removeLast());
            injected.add(fault);
            if (fault.failure != null) {
                load.stop();
                return;
            }
            waiting = Math.max(0, waiting - 1);
            load.holdBack(waiting > 0);
            awaitRecovery(fault);
            due = Math.max(System.nanoTime(), fault.signalAt + nextPause(waiting));
        }
    }

    /**
     * Returns 50% to 150% of the interval in nanoseconds, or less if the load would otherwise end before every fault was
     * injected.
     *
     * @param waiting number of planned faults that were not injected yet
     */
    private long nextPause(int waiting) {
        double seconds = options.every().toMillis() / 1e3 * (0.5 + random.nextDouble());
        if (waiting > 0) {
            seconds = Math.min(seconds, Math.max(0, load.secondsLeft() - MIN_LOAD_SECONDS) / (waiting + 1));
        }
        return (long) (seconds * 1e9);
    }

    /** @return whether enough load is left at that time */
    private boolean sleepUntil(long due) throws InterruptedException {
        while (load.secondsLeft() > MIN_LOAD_SECONDS) {
            long wait = due - System.nanoTime();
            if (wait <= 0) {
                return true;
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(wait, POLL_NANOS));
        }
        return false;
    }

    private Injected inject(PlannedFault fault) throws InterruptedException {
        ComponentName component = fault.component();
        Instant at = Instant.now();
        long signalAt = System.nanoTime();
        try {
            Restart restart = switch (fault.signal()) {
                case SIGKILL -> kill(component, signalAt);
                case SIGSTOP -> freeze(component, signalAt);
            };
            return new Injected(fault, at, signalAt, restart, null);
        } catch (RuntimeException e) {
            progress.note("%s failed: %s".formatted(fault, e.getMessage()));
            Restart none = new Restart(signalAt, new CompletableFuture<>());
            return new Injected(fault, at, signalAt, none, String.valueOf(e.getMessage()));
        }
    }

    private Restart kill(ComponentName component, long signalAt) throws InterruptedException {
        note(signalAt, "kill -9 " + component.wireName());
        processes.kill9(component);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_DOWNTIME_MILLIS));
        Restart restart = beforeRestart(component);
        processes.start(component);
        return afterRestart(component, restart);
    }

    private Restart freeze(ComponentName component, long signalAt) throws InterruptedException {
        note(signalAt, "SIGSTOP " + component.wireName());
        processes.freeze(component);
        TimeUnit.NANOSECONDS.sleep(DELAY_OF_REPLACEMENT.toNanos());
        Restart restart = beforeRestart(component);
        boolean replaced = processes.replace(component);
        if (replaced) {
            progress.note("          replaced by a second %s".formatted(component.wireName()));
        }
        TimeUnit.NANOSECONDS.sleep(signalAt + options.freezeFor().toNanos() - System.nanoTime());
        if (!replaced) {
            restart = beforeRestart(component);
        }
        processes.thaw(component);
        note(System.nanoTime(), "SIGCONT " + component.wireName());
        restart = afterRestart(component, restart);
        if (replaced) {
            TimeUnit.NANOSECONDS.sleep(LIFETIME_OF_ZOMBIE.toNanos());
            processes.killZombie(component);
        }
        return restart;
    }

    private Restart beforeRestart(ComponentName component) throws InterruptedException {
        CompletableFuture<Long> output =
                RecoveryProbe.isArmedBeforeRestart(component) ? probe.nextOutput(component) : null;
        return new Restart(System.nanoTime(), output);
    }

    private Restart afterRestart(ComponentName component, Restart restart) throws InterruptedException {
        return restart.outputAt == null ? new Restart(restart.at, probe.nextOutput(component)) : restart;
    }

    private void awaitRecovery(Injected one) throws InterruptedException {
        CompletableFuture<Long> outputAt = one.restart.outputAt;
        long deadline = System.nanoTime() + options.bound().toNanos();
        // Without load, no further output is expected until the sentinels are sent.
        while (!outputAt.isDone() && load.secondsLeft() > 0 && System.nanoTime() - deadline < 0) {
            TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
        }
        if (outputAt.isDone()) {
            ComponentName component = one.fault.component();
            progress.note("          %s recovered: %s after %d ms"
                    .formatted(
                            component.wireName(),
                            RecoveryProbe.expectedOutput(component),
                            millis(one.restart.at, outputAt.join())));
        }
    }

    /**
     * Returns the injected faults. Must be called after the sentinels: a component that has not recovered by then is
     * added to the findings.
     */
    public List<Fault> faults(Findings findings) {
        List<Fault> faults = new ArrayList<>();
        for (Injected one : injected) {
            String component = one.fault.component().wireName();
            String output = RecoveryProbe.expectedOutput(one.fault.component());
            Long recoveredAt = one.restart.outputAt.getNow(null);
            if (recoveredAt == null) {
                findings.add(Anomaly.NOT_RECOVERED, component, one.failure != null ? one.failure : "no " + output);
            }
            faults.add(new Fault(
                    component,
                    one.fault.signal(),
                    one.at,
                    Math.round(secondsSinceStart(one.signalAt) * 1e3) / 1e3,
                    recoveredAt == null ? null : millis(one.restart.at, recoveredAt),
                    recoveredAt == null ? null : millis(one.signalAt, recoveredAt),
                    output));
        }
        return faults;
    }

    private void note(long nanos, String what) {
        progress.note("%6.1f s  %s".formatted(secondsSinceStart(nanos), what));
    }

    private double secondsSinceStart(long nanos) {
        return (nanos - started) / 1e9;
    }

    private static long millis(long from, long to) {
        return TimeUnit.NANOSECONDS.toMillis(Math.max(0, to - from));
    }
}
