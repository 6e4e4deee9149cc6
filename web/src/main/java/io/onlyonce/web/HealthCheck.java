package io.onlyonce.web;

import java.util.Optional;

/** One condition of a service's health; every bean of this type is asked by {@code GET /health}. */
@FunctionalInterface
public interface HealthCheck {
    /** @return why the service cannot do its job, for a person; empty where it can. Must answer within a second. */
    Optional<String> problem();
}
