package io.onlyonce.stream.http;

import io.onlyonce.stream.runtime.NotRunningException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Maps {@link NotRunningException} to 503 with the reason. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StreamProblems {
    @ExceptionHandler
    ProblemDetail notRunning(NotRunningException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
    }
}
