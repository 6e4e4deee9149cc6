package io.onlyonce.query.reset;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;

/** The steps in their order. The first five bring the flow to rest, the next three empty it, the others start it again. */
enum Step {
    CHECK("check that Kafka and PostgreSQL answer", 5),
    PAUSE_INTAKE("pause intake", 15),
    STOP_STREAM("stop the stream", 25),
    STOP_CONNECTORS("stop the connectors", 20),
    END_TRANSACTIONS("end open transactions", 10),
    DELETE_RECORDS("delete records", 10),
    DELETE_CONNECTOR_OFFSETS("delete the connectors' offsets", 10),
    EMPTY_TABLES("empty the tables", 10),
    RESUME_CONNECTORS("resume the connectors", 10),
    START_STREAM("start the stream", 30),
    RESUME_INTAKE("resume intake", 10);

    private final String wireName;
    private final Duration limit;

    Step(String wireName, int limitSeconds) {
        this.wireName = wireName;
        this.limit = Duration.ofSeconds(limitSeconds);
    }

    @JsonValue
    String wireName() {
        return wireName;
    }

    Duration limit() {
        return limit;
    }
}
