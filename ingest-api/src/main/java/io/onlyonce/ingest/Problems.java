package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.Outcome;
import io.onlyonce.model.InvalidOrderException;
import io.onlyonce.model.Order;
import io.onlyonce.web.Problem;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** The problem details of this service. Precedes the general advice, which would answer an invalid order with 500. */
@RestControllerAdvice
@org.springframework.core.annotation.Order(Ordered.HIGHEST_PRECEDENCE)
final class Problems {
    private static final String NOT_WRITTEN = "Nothing was written. Retry with the same order_id. Cause: ";
    private static final String UNKNOWN =
            "The order may have been written. Retry with the same order_id: a second record"
                    + " is rejected as a duplicate. Cause: ";

    /** Nothing was written, and the client can retry. */
    static ErrorResponseException notWritten(String cause) {
        ErrorResponseException problem = Problem.of(HttpStatus.SERVICE_UNAVAILABLE, NOT_WRITTEN + cause);
        problem.getHeaders().set(HttpHeaders.RETRY_AFTER, "1");
        return problem;
    }

    static ErrorResponseException of(Outcome.Failure failure, List<Order> orders) {
        String reason = failure.reason();
        ErrorResponseException problem = switch (failure) {
            case Outcome.Refused _ -> Problem.of(HttpStatus.CONTENT_TOO_LARGE, reason);
            case Outcome.NotWritten _ -> notWritten(reason);
            case Outcome.Unknown _ -> Problem.of(HttpStatus.GATEWAY_TIMEOUT, UNKNOWN + reason);
        };
        ProblemDetail body = problem.getBody();
        body.setProperty("order_ids", orders.stream().map(Order::orderId).toList());
        body.setProperty("trace_id", TraceFilter.traceId());
        return problem;
    }

    @ExceptionHandler
    ProblemDetail invalidOrder(InvalidOrderException e) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST, e.getMessage());
        if (!e.field().isEmpty()) {
            problem.setProperty("field", e.field());
        }
        problem.setProperty("errors", e.errors());
        return problem;
    }
}
