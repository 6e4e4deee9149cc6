package io.onlyonce.web;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * @param service the value of the metric label {@code service}: producer, consumer or api
 * @param adminToken bearer token that {@link Guarded} and reading endpoints require; none by default, because the
 *     services listen only on the loopback interface
 */
@ConfigurationProperties("onlyonce")
public record WebProperties(
        String service,
        Optional<String> adminToken,
        @DefaultValue Http http) {
    public WebProperties {
        if (service == null || service.isBlank()) {
            throw new IllegalArgumentException("onlyonce.service is missing");
        }
        adminToken = adminToken.filter(token -> !token.isBlank());
    }

    /**
     * @param allowedHosts names in the header Host that are accepted in addition to localhost and IP addresses; by default,
     *     the names of the services in {@code docker-compose.yml}, which call each other by name
     * @param bodyMaxBytes limit of one request body; the default is sufficient for every configuration
     * @param bodyTimeout time limit of a complete request body, measured from the end of the headers
     * @param headersTimeout time limit of the complete request headers, measured from their first byte
     */
    public record Http(
            @DefaultValue({"producer", "consumer", "consumer-2", "api"})
            List<String> allowedHosts,

            @DefaultValue("64KB") DataSize bodyMaxBytes,
            @DefaultValue("10s") Duration bodyTimeout,
            @DefaultValue("5s") Duration headersTimeout) {
        public Http {
            if (bodyMaxBytes.toBytes() < 1 || bodyMaxBytes.toBytes() > Integer.MAX_VALUE / 2) {
                throw new IllegalArgumentException(
                        "onlyonce.http.body-max-bytes must be between 1B and 1GB, but was " + bodyMaxBytes);
            }
            requirePositive("body-timeout", bodyTimeout);
            requirePositive("headers-timeout", headersTimeout);
        }

        private static void requirePositive(String key, Duration value) {
            if (!value.isPositive()) {
                throw new IllegalArgumentException(
                        "onlyonce.http.%s must be positive, but was %s".formatted(key, value));
            }
        }
    }
}
