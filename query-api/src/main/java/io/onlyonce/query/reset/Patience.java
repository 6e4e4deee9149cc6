package io.onlyonce.query.reset;

import io.onlyonce.query.UnavailableException;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The time a step has. */
final class Patience {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final long end;

    private Patience(long end) {
        this.end = end;
    }

    static Patience of(Duration limit) {
        return new Patience(System.nanoTime() + limit.toNanos());
    }

    boolean isOver() {
        return System.nanoTime() - end > 0;
    }

    Duration left() {
        return Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime()));
    }

    /** @throws UnavailableException with the complaint where the condition does not come true in time */
    void until(BooleanSupplier condition, String complaint) {
        while (!condition.getAsBoolean()) {
            pause(complaint);
        }
    }

    /** @throws UnavailableException with the complaint where there is no time left */
    void pause(String complaint) {
        if (isOver()) {
            throw new UnavailableException(complaint, null);
        }
        pause();
    }

    void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException("The service is stopping", e);
        }
    }
}
