package io.onlyonce.web;

import io.swagger.v3.oas.annotations.Operation;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
final class HealthController {
    private final Health ok;
    private final ObjectProvider<HealthCheck> checks;

    HealthController(WebProperties properties, ObjectProvider<HealthCheck> checks) {
        this.ok = new Health("ok", properties.service());
        this.checks = checks;
    }

    /** @param status always "ok"; an unhealthy service returns 503 with a problem */
    record Health(String status, String service) {}

    @GetMapping("/health")
    @Operation(summary = "Returns 200 if the service can do its job, else 503 with the reason")
    Health health() {
        List<String> problems = checks.stream()
                .map(HealthCheck::problem)
                .flatMap(Optional::stream)
                .toList();
        if (problems.isEmpty()) {
            return ok;
        }
        ErrorResponseException unavailable = new ErrorResponseException(HttpStatus.SERVICE_UNAVAILABLE);
        unavailable.setDetail(String.join("; ", problems));
        unavailable.getBody().setProperty("service", ok.service());
        throw unavailable;
    }
}
