package io.onlyonce.verifier;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends what the {@link Plan} says at a constant rate, whether or not the system keeps up: an open loop, bounded only by
 * the number of requests in flight.
 *
 * <p>It does what clients do: it sends again when it hears nothing, with the same id; it sends twice at once; it comes
 * back with the same order later; and now and then it sends what is no order at all.
 */
final class Load {
    private static final int ORDERS_PER_INVALID = 200;

    /** Share of the orders that leaves slowly while a part still waits to be hit, and how slowly. */
    private static final double KEPT_BACK = 0.2;

    private static final double SLOWER = 10;

    private final Plan plan;
    private final Courier courier;
    private final Requests requests;
    private final Meter meter;
    private final Findings findings;
    private final double rate;
    private final Semaphore inFlight;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;
    private volatile boolean keepingBack;

    /**
     * @param rate orders a second
     * @param maxInFlight requests that may wait for an answer at a time; what is due beyond that leaves late
     */
    Load(Plan plan, Courier courier, Requests requests, Meter meter, Findings findings, double rate, int maxInFlight) {
        this.plan = plan;
        this.courier = courier;
        this.requests = requests;
        this.meter = meter;
        this.findings = findings;
        this.rate = rate;
        this.inFlight = new Semaphore(maxInFlight);
    }

    /** Ends the load early; {@link #run} returns as soon as the requests in flight have ended. */
    void stop() {
        stopped = true;
        courier.stop();
    }

    /**
     * Whether the last of the orders are kept back, so that a fault whose turn comes late, after slow recoveries on a slow
     * machine, still finds a load to be seen by.
     */
    void keepBack(boolean keep) {
        keepingBack = keep;
    }

    /** Seconds for which there are orders left to send. */
    double secondsLeft() {
        double left = stopped ? 0 : plan.orders() - meter.sent.sum();
        double slow = keepingBack ? Math.min(left, plan.orders() * KEPT_BACK) : 0;
        return (left - slow) / rate + slow / (rate / SLOWER);
    }

    /** Returns when every order has been answered or given up, repetitions included. */
    void run() throws InterruptedException {
        try (threads) {
            try {
                send();
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }

    private void send() throws InterruptedException {
        double due = System.nanoTime();
        for (int first = 0; first < plan.orders() && !stopped; first += plan.unitSize(first)) {
            int unit = first;
            long dueAt = (long) due;
            waitUntil(dueAt);
            start(() -> first(unit, dueAt));
            due = nextDue(due, first);
            meter.sent.add(plan.unitSize(first));
            if (plan.again(unit) == Plan.Again.TWIN) {
                start(() -> deliver(unit));
            }
            if (first % ORDERS_PER_INVALID == 0) {
                start(() -> invalid(unit / ORDERS_PER_INVALID));
            }
        }
    }

    private double nextDue(double due, int first) {
        double interval = plan.unitSize(first) / rate * TimeUnit.SECONDS.toNanos(1);
        boolean keptBack = keepingBack && first >= plan.orders() * (1 - KEPT_BACK);
        // What is late is made up for, unless it is to be slow.
        return keptBack ? Math.max(due, System.nanoTime()) + interval * SLOWER : due + interval;
    }

    private static void waitUntil(long due) throws InterruptedException {
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
            LockSupport.parkNanos(wait);
            if (Thread.interrupted()) {
                throw new InterruptedException("while sending");
            }
        }
    }

    private interface Task {
        void run() throws InterruptedException;
    }

    /** Runs the task in a thread of its own, in which one request is in flight when it begins. */
    private void start(Task task) throws InterruptedException {
        inFlight.acquire();
        threads.execute(() -> {
            try {
                task.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private Answer deliver(int first) throws InterruptedException {
        try {
            return courier.deliver(first);
        } finally {
            inFlight.release();
        }
    }

    private void first(int first, long due) throws InterruptedException {
        if (!(deliver(first) instanceof Answer.Acknowledged)) {
            return;
        }
        meter.latency(due, System.nanoTime());
        if (plan.again(first) == Plan.Again.LATER) {
            TimeUnit.MILLISECONDS.sleep(plan.laterMillis(first));
            inFlight.acquire();
            deliver(first);
        }
    }

    private void invalid(int number) throws InterruptedException {
        meter.invalidSent.increment();
        try {
            switch (requests.sendInvalid(number)) {
                case Answer.Rejected _ -> meter.invalidRefused.increment();
                case Answer.Acknowledged _ ->
                    findings.add(Anomaly.INVALID_ACCEPTED, plan.refusedId(number), requests.invalid(number));
                // Whatever became of it, its id must not be seen: the audit will tell.
                case Answer.Unanswered _, Answer.NotSent _ -> {}
            }
        } finally {
            inFlight.release();
        }
    }
}
