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

    private final Plan plan;
    private final Courier courier;
    private final Requests requests;
    private final Meter meter;
    private final Findings findings;
    private final double rate;
    private final Semaphore inFlight;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;

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

    /** Seconds for which there are orders left to send at the given rate. */
    double secondsLeft() {
        return stopped ? 0 : (plan.orders() - meter.sent.sum()) / rate;
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
        long start = System.nanoTime();
        for (int first = 0; first < plan.orders() && !stopped; first += plan.unitSize(first)) {
            int unit = first;
            long due = start + (long) (first / rate * TimeUnit.SECONDS.toNanos(1));
            waitUntil(due);
            start(() -> first(unit, due));
            meter.sent.add(plan.unitSize(first));
            if (plan.again(unit) == Plan.Again.TWIN) {
                start(() -> deliver(unit));
            }
            if (first % ORDERS_PER_INVALID == 0) {
                start(() -> invalid(unit / ORDERS_PER_INVALID));
            }
        }
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
