package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Outcome;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** What only this service knows of problems; before the general advice, which would call them faults. */
@RestControllerAdvice
@org.springframework.core.annotation.Order(Ordered.HIGHEST_PRECEDENCE)
final class Problems {
    static ErrorResponseException of(HttpStatus status, String detail) {
        return new ErrorResponseException(status, ProblemDetail.forStatusAndDetail(status, detail), null);
    }

    /** What a request is told whose records were not written, or perhaps not. */
    static ErrorResponseException of(Outcome outcome, List<Order> orders, Trace trace) {
        ErrorResponseException problem = switch (outcome) {
            case Outcome.Refused(String reason) -> of(HttpStatus.CONTENT_TOO_LARGE, reason);
            case Outcome.NotWritten(String reason) ->
                of(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "Nothing was written; send it again with the same order_id. " + reason);
            case Outcome.Unknown(String reason) ->
                of(
                        HttpStatus.GATEWAY_TIMEOUT,
                        "It may have been written. Send it again with the same order_id: a second one is"
                                + " rejected as a duplicate. "
                                + reason);
            case Outcome.Written written -> throw new IllegalArgumentException("Written is no problem");
        };
        if (outcome instanceof Outcome.NotWritten) {
            problem.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        }
        ProblemDetail body = problem.getBody();
        body.setProperty("order_ids", orders.stream().map(Order::orderId).toList());
        body.setProperty("trace_id", trace.id());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail invalidOrder(InvalidOrderException e) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
        if (!e.field().isEmpty()) {
            problem.setProperty("field", e.field());
        }
        return problem;
    }
}
