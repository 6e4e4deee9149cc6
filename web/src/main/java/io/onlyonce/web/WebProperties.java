package io.onlyonce.web;

import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param service the contract's name of this service, the value of the label {@code service}: producer, consumer or api
 * @param adminToken where given, endpoints marked {@link Guarded} want it as a bearer token; by default there is none,
 *     as the services listen on the loopback interface only
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
