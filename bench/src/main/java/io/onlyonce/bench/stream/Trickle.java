package io.onlyonce.bench.stream;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** 500 orders a second into the topic, until closed. */
final class Trickle implements AutoCloseable {
    static final int PER_SECOND = 500;

    private final Thread thread;
    private volatile boolean closed;

    Trickle(Preload preload) {
        thread = Thread.ofPlatform().name("trickle").start(() -> {
            long due = System.nanoTime();
            while (!closed) {
                LockSupport.parkNanos(due - System.nanoTime());
                if (System.nanoTime() - due >= 0) {
                    preload.order();
                    due += Duration.ofSeconds(1).toNanos() / PER_SECOND;
                }
            }
        });
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
