package io.onlyonce.ingest;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Lets requests in. While it is paused, as for a reset of the system, they wait before it; a pause ends by itself, as
 * whoever asked for it may die.
 */
@Component
final class IntakeGate {
    private final IngestProperties properties;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int inside;
    private int before;
    private boolean paused;
    private long pausedUntil;

    IntakeGate(IngestProperties properties) {
        this.properties = properties;
    }

    /**
     * Waits while the intake is paused. Whoever has entered must {@link #leave}, once the fate of what it wrote is known.
     *
     * @throws org.springframework.web.ErrorResponseException where it stays paused too long, or too many wait
     */
    void enter(Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (isPaused()) {
                awaitResumption(patience);
            }
            inside++;
        } finally {
            lock.unlock();
        }
    }

    private void awaitResumption(Duration patience) throws InterruptedException {
        if (before == properties.pausedMaxRequests()) {
            throw Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "The intake is paused, and enough requests wait for it");
        }
        before++;
        try {
            long deadline = System.nanoTime() + patience.toNanos();
            while (isPaused()) {
                long remaining = Math.min(deadline, pausedUntil) - System.nanoTime();
                if (deadline - System.nanoTime() <= 0) {
                    throw Problems.of(HttpStatus.SERVICE_UNAVAILABLE, "The intake is paused; nothing was written");
                }
                changed.awaitNanos(Math.max(remaining, 1));
            }
        } finally {
            before--;
        }
    }

    private boolean isPaused() {
        return paused && pausedUntil - System.nanoTime() > 0;
    }

    void leave() {
        lock.lock();
        try {
            inside--;
            if (inside == 0) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns when nobody is inside and nobody can enter. Again, it renews the lease.
     *
     * @return when it resumes by itself
     * @throws org.springframework.web.ErrorResponseException where those inside take too long; then it is not paused
     */
    Duration pause() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            paused = true;
            pausedUntil = System.nanoTime()
                    + properties.pausePatience().plus(properties.pauseLease()).toNanos();
            long remaining = properties.pausePatience().toNanos();
            while (inside > 0 && remaining > 0) {
                remaining = changed.awaitNanos(remaining);
            }
            if (inside > 0) {
                int undecided = inside;
                open();
                throw Problems.of(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "The intake was not paused: the fate of %d requests is still unknown after %d s"
                                .formatted(undecided, properties.pausePatience().toSeconds()));
            }
            // Another pause may have given up meanwhile, or somebody have resumed: whoever is told "paused" gets a
            // pause.
            paused = true;
            pausedUntil = System.nanoTime() + properties.pauseLease().toNanos();
            return properties.pauseLease();
        } finally {
            lock.unlock();
        }
    }

    void resume() {
        lock.lock();
        try {
            open();
        } finally {
            lock.unlock();
        }
    }

    private void open() {
        paused = false;
        changed.signalAll();
    }
}
