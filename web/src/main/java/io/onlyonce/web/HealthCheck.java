package io.onlyonce.web;

import java.util.Optional;

/** A health condition of a service. {@code GET /health} calls all beans of this type. */
@FunctionalInterface
public interface HealthCheck {
    /** @return the reason why the service cannot do its job, empty if it can. Must return within a second. */
    Optional<String> problem();

    /** @return a condition that is not a problem, but that an operator needs to know; usually empty */
    default Optional<String> note() {
        return Optional.empty();
    }
}
