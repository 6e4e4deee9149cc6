package io.onlyonce.stream;

import org.apache.kafka.common.KafkaException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** A stream that does not run now is no fault of the request, and none to be logged: 503, with the reason. */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StreamProblems {
    @ExceptionHandler(OrderStream.NotRunningException.class)
    ProblemDetail notRunning(OrderStream.NotRunningException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, e.getMessage());
    }

    @ExceptionHandler(KafkaException.class)
    ProblemDetail kafkaIsAway(KafkaException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.SERVICE_UNAVAILABLE,
                "Kafka does not answer, the topology starts as asked when it does: " + e.getMessage());
    }
}
