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
 * Maps an unavailable database, or a database without tables, to status 503, and a parameter that PostgreSQL cannot
 * represent to status 400.
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

    /** No endpoint writes a value of a client. Therefore, a query parameter is the cause. */
    @ExceptionHandler(DataIntegrityViolationException.class)
    ProblemDetail badRequest(DataIntegrityViolationException e) {
        return ProblemDetail.forStatusAndDetail(
                HttpStatus.BAD_REQUEST,
                "PostgreSQL rejected a parameter: " + e.getMostSpecificCause().getMessage());
    }

    static String reason(DataAccessException e) {
        Throwable cause = e.getMostSpecificCause();
        return cause instanceof SQLException sql && UNDEFINED_TABLE.equals(sql.getSQLState())
                ? "PostgreSQL has no tables yet: run the setup of the sink"
                : "PostgreSQL does not answer: " + cause.getMessage();
    }
}
