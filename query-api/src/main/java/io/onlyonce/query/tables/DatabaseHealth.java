package io.onlyonce.query.tables;

import io.onlyonce.web.HealthCheck;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Checks that the server is available and that the schema exists. */
@Component
final class DatabaseHealth implements HealthCheck {
    private final Totals totals;

    DatabaseHealth(Totals totals) {
        this.totals = totals;
    }

    @Override
    public Optional<String> problem() {
        try {
            totals.read();
            return Optional.empty();
        } catch (DataAccessException e) {
            return Optional.of(DatabaseProblems.reason(e));
        }
    }
}
