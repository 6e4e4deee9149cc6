package io.onlyonce.query.tables;

import java.sql.SQLException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/**
 * A database that is away, or has no tables yet, is no fault of this service: 503, with the reason. Neither is a
 * parameter that no text of PostgreSQL can be: 400.
 */
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
final class DatabaseProblems {
    private static final String UNDEFINED_TABLE = "42P01";

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        RecoverableDataAccessException.class,
        BadSqlGrammarException.class
    })
    ProblemDetail unavailable(DataAccessException e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.SERVICE_UNAVAILABLE, reason(e));
    }

    /** Nothing is written here but by a reset, which takes no values: what offends is what a row was looked for by. */
    @ExceptionHandler(DataIntegrityViolationException.class)
    ProblemDetail badRequest(DataIntegrityViolationException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.BAD_REQUEST,
                "PostgreSQL refuses a parameter: " + e.getMostSpecificCause().getMessage());
    }

    static String reason(DataAccessException e) {
        Throwable cause = e.getMostSpecificCause();
        return cause instanceof SQLException sql && UNDEFINED_TABLE.equals(sql.getSQLState())
                ? "PostgreSQL has no tables yet: the sink's set-up makes them"
                : "PostgreSQL does not answer: " + cause.getMessage();
    }
}
