package io.onlyonce.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "Health", description = "Whether the service can do its job")
final class HealthController {
    private final String service;
    private final ObjectProvider<HealthCheck> checks;

    HealthController(WebProperties properties, ObjectProvider<HealthCheck> checks) {
        this.service = properties.service();
        this.checks = checks;
    }

    /**
     * @param status always "ok"; an unhealthy service returns 503 with a problem
     * @param note a condition that is not a problem, a restoration for example; null if there is none
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Health(
            @Schema(allowableValues = "ok") String status,
            String service,
            @Nullable String note) {}

    @GetMapping("/health")
    @Operation(
            operationId = "getHealth",
            summary = "Returns 200 if the service can do its job, else 503 with the reason")
    Health health() {
        List<String> problems = texts(HealthCheck::problem);
        if (problems.isEmpty()) {
            List<String> notes = texts(HealthCheck::note);
            return new Health("ok", service, notes.isEmpty() ? null : String.join("; ", notes));
        }
        ErrorResponseException unavailable = new ErrorResponseException(HttpStatus.SERVICE_UNAVAILABLE);
        unavailable.setDetail(String.join("; ", problems));
        unavailable.getBody().setProperty("service", service);
        throw unavailable;
    }

    private List<String> texts(Function<HealthCheck, Optional<String>> text) {
        return checks.stream().map(text).flatMap(Optional::stream).toList();
    }
}
