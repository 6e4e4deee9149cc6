package io.onlyonce.query;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** A dependency of this service failed or did not answer in time. The client receives status 503 with the reason. */
public class UnavailableException extends ResponseStatusException {
    private static final long serialVersionUID = 1L;

    private final HttpHeaders headers = new HttpHeaders();

    /** @param reason names the component and its error */
    public UnavailableException(String reason, Throwable cause) {
        super(HttpStatus.SERVICE_UNAVAILABLE, reason, cause);
    }

    public UnavailableException(String reason) {
        this(reason, null);
    }

    /** Sets the header {@code Retry-After} of the response. */
    public UnavailableException retryAfter(int seconds) {
        headers.set(HttpHeaders.RETRY_AFTER, Integer.toString(seconds));
        return this;
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    /** Restores the interrupt flag of the current thread. Only a shutdown interrupts the threads of this service. */
    public static UnavailableException interrupted(InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new UnavailableException("The service is stopping", cause);
    }
}
