package io.onlyonce.verifier;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Kills and freezes parts at seeded random times while the load runs: each once, in seeded order, then each again.
 *
 * <p>One fault at a time, and none before the last one is over or the bound has passed: what is asked for is recovery
 * from any fault, not from all of them together.
 */
final class FaultInjector {
    /** With less load left than this there would be nothing to recover for. */
    private static final double LEAST_LOAD_S = 2;

    private static final int LONGEST_DOWNTIME_MILLIS = 1_000;
    private static final Duration UNTIL_REPLACED = Duration.ofSeconds(2);
    private static final Duration ZOMBIE_AT_LARGE = Duration.ofSeconds(5);

    private final List<Fault> faults;
    private final Faults hand;
    private final Recovery recovery;
    private final Load load;
    private final Options options;
    private final Random random;
    private final Progress progress;
    private final List<Wound> wounds = Collections.synchronizedList(new ArrayList<>());
    private long began;

    /** An injury that may not have healed yet. */
    private record Wound(
            Fault fault, Instant at, long hit, long helped, CompletableFuture<Long> healed, String failure) {}

    FaultInjector(Options options, Faults hand, Recovery recovery, Load load, Progress progress) {
        this.faults = options.faults();
        this.hand = hand;
        this.recovery = recovery;
        this.load = load;
        this.options = options;
        this.random = new Random(options.seed());
        this.progress = progress;
    }

    /** Returns when there is too little load left for another fault. */
    void run() throws InterruptedException {
        began = System.nanoTime();
        List<Fault> round = new ArrayList<>();
        int first = faults.size();
        load.keepBack(true);
        long due = began + nextPause(first);
        while (sleepUntil(due)) {
            // A part that has crashed must not pass for one that was killed.
            if (!hand.ended().isEmpty()) {
                load.stop();
                return;
            }
            if (round.isEmpty()) {
                round.addAll(faults);
                Collections.shuffle(round, random);
            }
            Wound wound = inject(round.removeLast());
            wounds.add(wound);
            if (wound.failure != null) {
                load.stop();
                return;
            }
            first = Math.max(0, first - 1);
            load.keepBack(first > 0);
            awaitHealing(wound);
            due = Math.max(System.nanoTime(), wound.hit + nextPause(first));
        }
    }

    /**
     * The interval, give or take a half of it. Where the load would end before each part has had its turn, less.
     *
     * @param waiting parts that have not been hit yet
     */
    private long nextPause(int waiting) {
        double seconds = options.every().toMillis() / 1e3 * (0.5 + random.nextDouble());
        if (waiting > 0) {
            seconds = Math.min(seconds, Math.max(0, load.secondsLeft() - LEAST_LOAD_S) / (waiting + 1));
        }
        return (long) (seconds * 1e9);
    }

    /** @return whether there is load left at that time */
    private boolean sleepUntil(long due) throws InterruptedException {
        while (load.secondsLeft() > LEAST_LOAD_S) {
            long wait = due - System.nanoTime();
            if (wait <= 0) {
                return true;
            }
            TimeUnit.NANOSECONDS.sleep(Math.min(wait, TimeUnit.MILLISECONDS.toNanos(50)));
        }
        return false;
    }

    private Wound inject(Fault fault) throws InterruptedException {
        Instant at = Instant.now();
        long hit = System.nanoTime();
        try {
            return switch (fault) {
                case Fault.Kill(ComponentName part) -> kill(fault, part, at, hit);
                case Fault.Freeze(ComponentName part) -> freeze(fault, part, at, hit);
            };
        } catch (RuntimeException e) {
            progress.note("%s could not be hit and brought back: %s"
                    .formatted(fault.part().wireName(), e.getMessage()));
            return new Wound(fault, at, hit, hit, new CompletableFuture<>(), String.valueOf(e.getMessage()));
        }
    }

    private Wound kill(Fault fault, ComponentName part, Instant at, long hit) throws InterruptedException {
        progress.note("%6.1f s  kill -9 %s".formatted(sinceBegan(hit), part.wireName()));
        hand.kill9(part);
        TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_DOWNTIME_MILLIS));
        if (Recovery.isAskedBeforeTheStart(part)) {
            CompletableFuture<Long> healed = recovery.next(part);
            long helped = System.nanoTime();
            hand.start(part);
            return new Wound(fault, at, hit, helped, healed, null);
        }
        long helped = System.nanoTime();
        hand.start(part);
        return new Wound(fault, at, hit, helped, recovery.next(part), null);
    }

    private Wound freeze(Fault fault, ComponentName part, Instant at, long hit) throws InterruptedException {
        progress.note("%6.1f s  SIGSTOP %s".formatted(sinceBegan(hit), part.wireName()));
        hand.freeze(part);
        TimeUnit.NANOSECONDS.sleep(UNTIL_REPLACED.toNanos());
        boolean asked = Recovery.isAskedBeforeTheStart(part);
        CompletableFuture<Long> healed = asked ? recovery.next(part) : null;
        long helped = System.nanoTime();
        boolean replaced = hand.replace(part);
        if (replaced) {
            progress.note("          a second %s took its place".formatted(part.wireName()));
        }
        long rest = options.freezeFor().toNanos() - (System.nanoTime() - hit);
        TimeUnit.NANOSECONDS.sleep(Math.max(0, rest));
        if (!replaced) {
            healed = asked ? recovery.next(part) : null;
            helped = System.nanoTime();
        }
        hand.thaw(part);
        progress.note("%6.1f s  SIGCONT %s".formatted(sinceBegan(System.nanoTime()), part.wireName()));
        if (healed == null) {
            healed = recovery.next(part);
        }
        if (replaced) {
            TimeUnit.NANOSECONDS.sleep(ZOMBIE_AT_LARGE.toNanos());
            hand.bury(part);
        }
        return new Wound(fault, at, hit, helped, healed, null);
    }

    private void awaitHealing(Wound wound) throws InterruptedException {
        long bound = System.nanoTime() + options.bound().toNanos();
        while (System.nanoTime() - bound < 0) {
            try {
                wound.healed.get(50, TimeUnit.MILLISECONDS);
                progress.note("          %s is back: %s after %d ms"
                        .formatted(
                                wound.fault.part().wireName(),
                                Recovery.measure(wound.fault.part()),
                                TimeUnit.NANOSECONDS.toMillis(wound.healed.join() - wound.helped)));
                return;
            } catch (TimeoutException e) {
                if (load.secondsLeft() <= 0) {
                    return; // Nothing is on its way by which it could show; the sentinels will be.
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /** What was done, to be asked for when the sentinels are through; what has not healed by then never will. */
    List<Injury> injuries(Findings findings) {
        List<Injury> injuries = new ArrayList<>();
        for (Wound wound : wounds) {
            Long recoveryMs = null;
            Long outageMs = null;
            String part = wound.fault.part().wireName();
            if (wound.healed.isDone()) {
                recoveryMs = TimeUnit.NANOSECONDS.toMillis(Math.max(0, wound.healed.join() - wound.helped));
                outageMs = TimeUnit.NANOSECONDS.toMillis(wound.healed.join() - wound.hit);
            } else {
                findings.add(
                        Anomaly.NOT_RECOVERED,
                        part,
                        wound.failure != null ? wound.failure : "no " + Recovery.measure(wound.fault.part()));
            }
            injuries.add(new Injury(
                    part,
                    Injury.signal(wound.fault),
                    wound.at,
                    Math.round(sinceBegan(wound.hit) * 1e3) / 1e3,
                    recoveryMs,
                    outageMs,
                    Recovery.measure(wound.fault.part())));
        }
        return injuries;
    }

    private double sinceBegan(long nanos) {
        return (nanos - began) / 1e9;
    }
}
