package io.onlyonce.verifier.faults;

import io.onlyonce.verifier.ComponentName;
import io.onlyonce.verifier.Options;
import io.onlyonce.verifier.ProcessControl;
import io.onlyonce.verifier.Progress;
import io.onlyonce.verifier.check.Anomaly;
import io.onlyonce.verifier.check.Findings;
import io.onlyonce.verifier.load.LoadGenerator;
import io.onlyonce.verifier.observe.RecoveryProbe;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Injects the planned faults at random times while the load runs: each once, in random order, then each again. The next
 * fault waits until the system has recovered from the previous one or the deadline has passed, because the system must
 * recover from any single fault, not from several at the same time.
 */
public final class FaultInjector implements Callable<Void> {
    /** With less load left, no output would show the recovery. */
    private static final double MIN_LOAD_SECONDS = 2;

    private static final long POLL_NANOS = 50_000_000;
    private static final int MAX_DOWNTIME_MILLIS = 1_000;
    private static final int SECONDS_TO_REPLACEMENT = 2;
    private static final int LIFETIME_OF_ZOMBIE_SECONDS = 5;

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
            injectAll();
            return null;
        } catch (RuntimeException e) {
            load.stop();
            throw e;
        }
    }

    private void injectAll() throws InterruptedException {
        started = System.nanoTime();
        List<PlannedFault> planned = options.faults();
        List<PlannedFault> round = new ArrayList<>();
        int waiting = planned.size();
        load.holdBack(waiting > 0);
        long due = started + nextPause(waiting);
        while (!planned.isEmpty() && sleepUntil(due)) {
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
            waiting = Math.max(0, waiting - 1);
            load.holdBack(waiting > 0);
            awaitRecovery(fault);
            due = Math.max(System.nanoTime(), fault.signalAt + nextPause(waiting));
        }
    }

    private long nextPause(int waiting) {
        double seconds = options.every().toMillis() / 1e3 * (0.5 + random.nextDouble());
        if (waiting > 0) {
            // The load must not end before every fault was injected.
            seconds = Math.min(seconds, Math.max(0, load.secondsLeft() - MIN_LOAD_SECONDS) / (waiting + 1));
        }
        return (long) (seconds * 1e9);
    }

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
            load.stop();
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
        TimeUnit.SECONDS.sleep(SECONDS_TO_REPLACEMENT);
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
            TimeUnit.SECONDS.sleep(LIFETIME_OF_ZOMBIE_SECONDS);
            processes.killZombie(component);
        }
        return restart;
    }

    private Restart beforeRestart(ComponentName component) throws InterruptedException {
        boolean isArmed = RecoveryProbe.isArmedBeforeRestart(component);
        CompletableFuture<Long> output = isArmed ? probe.nextOutput(component) : null;
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
            String output = RecoveryProbe.expectedOutput(component);
            long millis = millis(one.restart.at, outputAt.join());
            progress.note("          %s recovered: %s after %d ms".formatted(component.wireName(), output, millis));
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
            Long recoveryMs = recoveredAt == null ? null : millis(one.restart.at, recoveredAt);
            Long outageMs = recoveredAt == null ? null : millis(one.signalAt, recoveredAt);
            double atS = Math.round(secondsSinceStart(one.signalAt) * 1e3) / 1e3;
            faults.add(new Fault(component, one.fault.signal(), one.at, atS, recoveryMs, outageMs, output));
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
