package io.onlyonce.query;

import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;

/** Something this service depends on does not answer, or not in time; the client reads 503 and why. */
public final class UnavailableException extends ErrorResponseException {
    private static final long serialVersionUID = 1L;

    /** @param reason for a person: which part, and what it said */
    public UnavailableException(String reason, Throwable cause) {
        super(HttpStatus.SERVICE_UNAVAILABLE, cause);
        setDetail(reason);
    }

    /** The reason alone. */
    public String reason() {
        return getBody().getDetail();
    }
}
