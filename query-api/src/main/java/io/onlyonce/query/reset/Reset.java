package io.onlyonce.query.reset;

import io.onlyonce.query.audit.Audit;
import io.onlyonce.query.kafka.KafkaAccess;
import io.onlyonce.query.parts.Parts;
import io.onlyonce.query.tables.Totals;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.web.ErrorResponseException;

/** One reset at a time, and no audit beside it. */
@Component
final class Reset {
    private final KafkaAccess kafka;
    private final Log log;
    private final Parts parts;
    private final Connectors connectors;
    private final JdbcClient jdbc;
    private final Totals totals;
    private final Audit audit;
    private final ReentrantLock turn = new ReentrantLock();

    Reset(KafkaAccess kafka, Log log, Parts parts, Connectors connectors, JdbcClient jdbc, Totals totals, Audit audit) {
        this.kafka = kafka;
        this.log = log;
        this.parts = parts;
        this.connectors = connectors;
        this.jdbc = jdbc;
        this.totals = totals;
        this.audit = audit;
    }

    /** @param authorization passed on to the parts; null for none */
    ResetReport run(String authorization) {
        if (!turn.tryLock()) {
            ErrorResponseException busy = new ErrorResponseException(HttpStatus.CONFLICT);
            busy.setDetail("A reset is under way");
            throw busy;
        }
        try {
            return audit.excludedFrom(
                    () -> new ResetSequence(kafka, log, parts, connectors, jdbc, totals, authorization).run());
        } finally {
            turn.unlock();
        }
    }
}
