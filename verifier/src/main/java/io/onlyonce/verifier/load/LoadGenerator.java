package io.onlyonce.verifier.load;

import io.onlyonce.verifier.plan.OrderPlan;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Sends the planned orders at a constant rate, independent of the system's speed (open loop). Simulates real clients:
 * retries with the same id after a missing response, sends some orders twice at the same time, sends others again
 * later, and sends some invalid orders.
 */
public final class LoadGenerator {
    private static final int MAX_IN_FLIGHT = 256;
    private static final int ORDERS_PER_INVALID = 200;
    /** Fraction of the orders that is held back, and sent at a tenth of the rate, until every component had a fault. */
    private static final double HELD_BACK = 0.2;

    private static final double SLOWDOWN = 10;

    private final OrderPlan plan;
    private final OrderSender sender;
    private final LoadStatistics statistics;
    private final double rate;
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean stopped;
    private volatile boolean isHoldingBack;

    /** @param rate orders per second */
    public LoadGenerator(OrderPlan plan, OrderSender sender, LoadStatistics statistics, double rate) {
        this.plan = plan;
        this.sender = sender;
        this.statistics = statistics;
        this.rate = rate;
    }

    /** Ends the load. {@link #run} returns when the requests in flight are complete. */
    public void stop() {
        stopped = true;
        sender.stop();
    }

    /** Sets whether the last orders are held back, so that a late fault happens under load despite slow recoveries. */
    public void holdBack(boolean hold) {
        isHoldingBack = hold;
    }

    public double secondsLeft() {
        double left = stopped ? 0 : plan.orders() - statistics.sent.sum();
        double slow = isHoldingBack ? Math.min(left, plan.orders() * HELD_BACK) : 0;
        return (left - slow) / rate + slow / (rate / SLOWDOWN);
    }

    /** Returns when every request, including repetitions, has its final response. */
    public void run() throws InterruptedException {
        try (threads) {
            try {
                sendAll();
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw e;
            }
        }
    }

    private void sendAll() throws InterruptedException {
        double due = System.nanoTime();
        for (int index = 0; index < plan.orders() && !stopped; index += plan.unitSize(index)) {
            int first = index;
            long dueAt = (long) due;
            TimeUnit.NANOSECONDS.sleep(dueAt - System.nanoTime());
            start(() -> sendFirst(first, dueAt));
            due = nextDue(due, first);
            statistics.sent.add(plan.unitSize(first));
            if (plan.again(first) == OrderPlan.Again.TWIN) {
                start(() -> sender.send(first));
            }
            if (first % ORDERS_PER_INVALID == 0) {
                start(() -> sender.sendInvalid(first / ORDERS_PER_INVALID));
            }
        }
    }

    private double nextDue(double due, int first) {
        double interval = plan.unitSize(first) / rate * TimeUnit.SECONDS.toNanos(1);
        boolean slow = isHoldingBack && first >= plan.orders() * (1 - HELD_BACK);
        // At the full rate, delayed requests are caught up.
        return slow ? Math.max(due, System.nanoTime()) + interval * SLOWDOWN : due + interval;
    }

    private interface Task {
        void run() throws InterruptedException;
    }

    /** Runs the task in a new thread, with a permit for one request in flight. */
    private void start(Task task) throws InterruptedException {
        inFlight.acquire();
        threads.execute(() -> {
            try {
                task.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                inFlight.release();
            }
        });
    }

    private void sendFirst(int first, long due) throws InterruptedException {
        if (!(sender.send(first) instanceof IngestResponse.Acknowledged)) {
            return;
        }
        statistics.latency(due, System.nanoTime());
        if (plan.again(first) == OrderPlan.Again.LATER) {
            // The pause does not count as a request in flight. An interrupt ends the load, so that permits do not
            // matter.
            inFlight.release();
            // The last repetitions extend the load. A short load is extended by at most a quarter.
            long limit = (long) (1_000 * plan.orders() / rate / 4);
            TimeUnit.MILLISECONDS.sleep(Math.min(plan.laterMillis(first), limit));
            inFlight.acquire();
            sender.send(first);
        }
    }
}
