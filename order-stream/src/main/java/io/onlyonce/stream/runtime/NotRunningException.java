package io.onlyonce.stream.runtime;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/** Thrown if the topology is not running, or not in time. The response is 503 with the message as its detail. */
public final class NotRunningException extends ResponseStatusException {
    private static final long serialVersionUID = 1L;

    public NotRunningException(String message) {
        super(HttpStatus.SERVICE_UNAVAILABLE, message);
    }

    @Override
    public String getMessage() {
        return getReason();
    }
}
