package io.onlyonce.query.live;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;

/** The components. A component is declared after the components that it needs. */
enum ComponentName {
    KAFKA,
    POSTGRES,
    CONNECT(KAFKA, POSTGRES),
    PRODUCER(KAFKA),
    CONSUMER(KAFKA),
    API(KAFKA, POSTGRES, CONNECT);

    private final List<ComponentName> needed;

    ComponentName(ComponentName... needed) {
        this.needed = List.of(needed);
    }

    /** Returns the components that this component needs to do its job. */
    List<ComponentName> needed() {
        return needed;
    }

    @JsonValue
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
