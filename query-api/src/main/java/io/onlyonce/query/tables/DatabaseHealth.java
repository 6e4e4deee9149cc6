package io.onlyonce.query.tables;

import io.onlyonce.web.HealthCheck;
import java.util.Optional;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** Whether the tables can be read, which takes a server and a schema. */
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
