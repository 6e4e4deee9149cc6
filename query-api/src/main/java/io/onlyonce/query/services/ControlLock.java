package io.onlyonce.query.services;

import io.onlyonce.web.Problem;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Prevents concurrent operations that stop components: a reset, or a replay through the sink. */
@Component
public final class ControlLock {
    private final ReentrantLock lock = new ReentrantLock();

    /** @throws org.springframework.web.ErrorResponseException with status 409 if another operation is running */
    public <T> T run(Supplier<T> operation) {
        if (!lock.tryLock()) {
            throw Problem.of(HttpStatus.CONFLICT, "Another reset or replay is running");
        }
        try {
            return operation.get();
        } finally {
            lock.unlock();
        }
    }
}
