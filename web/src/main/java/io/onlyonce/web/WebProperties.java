package io.onlyonce.web;

import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param service the value of the metric label {@code service}: producer, consumer or api
 * @param adminToken bearer token that {@link Guarded} endpoints require; none by default, because the services listen only
 *     on the loopback interface
 */
@ConfigurationProperties("onlyonce")
record WebProperties(String service, Optional<String> adminToken) {
    WebProperties {
        if (service == null || service.isBlank()) {
            throw new IllegalArgumentException("onlyonce.service is missing");
        }
        adminToken = adminToken.filter(token -> !token.isBlank());
    }
}
