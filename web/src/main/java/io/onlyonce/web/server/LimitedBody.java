package io.onlyonce.web.server;

import io.onlyonce.web.Problem;
import io.onlyonce.web.WebProperties;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;

/**
 * The body of a request within its limits: size, time, and the budget of all bodies. A read that exceeds a limit throws
 * {@link ErrorResponseException} with status 413, 408 or 503. For one thread.
 */
final class LimitedBody extends ServletInputStream {
    private final ServletInputStream body;
    private final WebProperties.Http limits;
    private final BodyBudget budget;
    private final long start = System.nanoTime();
    private long reserved;
    private long received;
    private boolean late;

    /** Does not read. */
    LimitedBody(ServletInputStream body, WebProperties.Http limits, BodyBudget budget) {
        this.body = body;
        this.limits = limits;
        this.budget = budget;
    }

    /**
     * Reserves the declared length of the body. A body without a declared length reserves each part when it arrives.
     *
     * @param contentLength -1 if the length is not declared
     */
    void reserve(long contentLength) {
        if (contentLength > 0) {
            extendReservation(contentLength);
        }
    }

    private void extendReservation(long total) {
        long limit = limits.bodyMaxBytes().toBytes();
        if (total > limit) {
            throw Problem.of(HttpStatus.CONTENT_TOO_LARGE, "The body is larger than " + limit + " bytes");
        }
        if (total > reserved) {
            if (!budget.reserve(total - reserved, total)) {
                throw exhausted();
            }
            reserved = total;
        }
    }

    private static ErrorResponseException exhausted() {
        ErrorResponseException problem = Problem.of(
                HttpStatus.SERVICE_UNAVAILABLE,
                "The service is receiving too many request bodies at the same time. Nothing was written. Retry later");
        problem.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        return problem;
    }

    /** Must be called when the response is complete. */
    void release() {
        budget.release(reserved);
        reserved = 0;
    }

    /** Whether the body has exceeded its time. */
    boolean isLate() {
        return late;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (System.nanoTime() - start > limits.bodyTimeout().toNanos()) {
            throw late();
        }
        int count = readInTime(bytes, offset, length);
        if (count > 0) {
            received += count;
            extendReservation(received);
        }
        return count;
    }

    private int readInTime(byte[] bytes, int offset, int length) throws IOException {
        try {
            return body.read(bytes, offset, length);
        } catch (IOException e) {
            // Tomcat's limit for a single read.
            if (NestedExceptionUtils.getMostSpecificCause(e) instanceof SocketTimeoutException) {
                throw late();
            }
            throw e;
        }
    }

    private ErrorResponseException late() {
        late = true;
        Duration limit = limits.bodyTimeout();
        ErrorResponseException problem =
                Problem.of(HttpStatus.REQUEST_TIMEOUT, "The body did not arrive within " + limit.toMillis() + " ms");
        problem.getHeaders().setConnection("close");
        return problem;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public boolean isFinished() {
        return body.isFinished();
    }

    @Override
    public boolean isReady() {
        return body.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
        throw new UnsupportedOperationException("The body is read by a blocked thread");
    }
}
