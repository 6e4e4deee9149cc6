package io.onlyonce.web;

import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import java.util.Arrays;
import java.util.List;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.method.HandlerMethod;

/**
 * Adds the problems that every operation of its kind can return. An operation describes its other problems, or describes
 * one of these more precisely, with {@link io.swagger.v3.oas.annotations.responses.ApiResponse}.
 */
final class ErrorResponses implements OperationCustomizer {
    @Override
    public Operation customize(Operation operation, HandlerMethod method) {
        ApiResponses responses = operation.getResponses();
        add(responses, HttpStatus.BAD_REQUEST, "A header, a parameter or the body is invalid");
        add(
                responses,
                HttpStatus.FORBIDDEN,
                "The host is not allowed, or the request comes from a page of another site");
        add(responses, HttpStatus.INTERNAL_SERVER_ERROR, "Internal error; the log of the service contains the reason");
        add(responses, HttpStatus.SERVICE_UNAVAILABLE, "The service or a component that it needs is not available");
        if (Arrays.stream(method.getMethodParameters())
                .anyMatch(parameter -> parameter.hasParameterAnnotation(PathVariable.class))) {
            add(responses, HttpStatus.NOT_FOUND, "Not found");
        }
        if (!AnnotatedElementUtils.hasAnnotation(method.getMethod(), GetMapping.class)) {
            add(responses, HttpStatus.REQUEST_TIMEOUT, "The body did not arrive in time");
            add(responses, HttpStatus.CONTENT_TOO_LARGE, "The body is too large");
            add(responses, HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body is not JSON, or it is compressed");
        }
        if (GuardInterceptor.isProtected(method)) {
            add(responses, HttpStatus.UNAUTHORIZED, "The admin token is required");
            // Optional, because no token is configured by default.
            operation.addSecurityItem(new SecurityRequirement());
            operation.addSecurityItem(new SecurityRequirement().addList(OpenApiConfiguration.BEARER));
        } else {
            operation.setSecurity(List.of());
        }
        responses.forEach((status, response) -> {
            if (status.charAt(0) >= '4') {
                response.setContent(problem());
            }
        });
        return operation;
    }

    private static void add(ApiResponses responses, HttpStatus status, String description) {
        responses.putIfAbsent(String.valueOf(status.value()), new ApiResponse().description(description));
    }

    private static Content problem() {
        return new Content()
                .addMediaType(
                        MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                        new io.swagger.v3.oas.models.media.MediaType()
                                .schema(new Schema<>().$ref(OpenApiConfiguration.PROBLEM)));
    }
}
