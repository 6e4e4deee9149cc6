package io.onlyonce.web;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Every error becomes {@code application/problem+json} here, once. A service throws {@link
 * org.springframework.web.ErrorResponseException} where it knows the status, and {@link IllegalArgumentException} where
 * the request is at fault; anything else is a fault of the service, logged with its stack and answered without it.
 */
@RestControllerAdvice
final class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(e, problem(HttpStatus.BAD_REQUEST, reason(e)), headers, status, request);
    }

    @ExceptionHandler(IllegalArgumentException.class)
    ProblemDetail badRequest(IllegalArgumentException e) {
        return problem(HttpStatus.BAD_REQUEST, e.getMessage());
    }

    @ExceptionHandler(Exception.class)
    ProblemDetail fault(Exception e) {
        log.error("A request failed", e);
        return problem(HttpStatus.INTERNAL_SERVER_ERROR, "The service failed; its log says why.");
    }

    private static ProblemDetail problem(HttpStatus status, String detail) {
        return ProblemDetail.forStatusAndDetail(status, detail);
    }

    /** The parser's own words, which name the place; not those of the layers around it. */
    private static String reason(HttpMessageNotReadableException e) {
        Throwable cause = e.getMostSpecificCause();
        if (cause instanceof tools.jackson.core.JacksonException json) {
            return "The body is not readable: " + json.getOriginalMessage();
        }
        return e.getCause() == null ? "The body is missing" : "The body is not readable: " + cause.getMessage();
    }
}
