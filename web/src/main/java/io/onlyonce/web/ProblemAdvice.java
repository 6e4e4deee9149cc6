package io.onlyonce.web;

import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.util.DisconnectedClientHelper;
import tools.jackson.core.JacksonException;

/**
 * Converts every exception to {@code application/problem+json}. A service throws {@link
 * org.springframework.web.ErrorResponseException} with a status, or {@link IllegalArgumentException} if the request is
 * invalid. All other exceptions are logged with their stack trace; the response (500) does not contain details.
 */
@RestControllerAdvice
final class ProblemAdvice extends ResponseEntityExceptionHandler {
    private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

    @Override
    protected ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (e.getMostSpecificCause() instanceof ErrorResponseException problem) {
            // The body exceeds a limit. Jackson wraps the exception that its input throws.
            return handleErrorResponseException(problem, problem.getHeaders(), problem.getStatusCode(), request);
        }
        return handleExceptionInternal(e, problem(HttpStatus.BAD_REQUEST, reason(e)), headers, status, request);
    }

    @ExceptionHandler(IllegalArgumentException.class)
    ProblemDetail badRequest(IllegalArgumentException e) {
        return problem(HttpStatus.BAD_REQUEST, e.getMessage());
    }

    /** Tomcat parses the query string when a controller needs its first parameter. */
    @ExceptionHandler
    ProblemDetail invalidQuery(InvalidParameterException e) {
        return problem(
                HttpStatus.BAD_REQUEST,
                "The query string is invalid: every parameter must have a name and be percent-encoded UTF-8, and there can be"
                        + " at most 1000 parameters");
    }

    /** @return null if the client has closed the connection, because no response is possible */
    @ExceptionHandler(Exception.class)
    ProblemDetail internalError(Exception e) {
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            log.debug("The client has closed the connection", e);
            return null;
        }
        log.error("Request failed", e);
        return problem(HttpStatus.INTERNAL_SERVER_ERROR, "Internal error. The log of the service contains the reason.");
    }

    private static ProblemDetail problem(HttpStatus status, String detail) {
        return ProblemDetail.forStatusAndDetail(status, detail);
    }

    private static String reason(HttpMessageNotReadableException e) {
        Throwable cause = e.getMostSpecificCause();
        if (cause instanceof JacksonException json) {
            return JsonProblems.reason(json);
        }
        return e.getCause() == null ? "The body is missing" : "The body is not valid: " + cause.getMessage();
    }
}
