package io.onlyonce.web;

import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import java.util.List;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The parts of the OpenAPI descriptions that the three services share. */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {
    static final String BEARER = "bearer";
    static final String PROBLEM = "Problem";

    @Bean
    OpenAPI openApi(WebProperties properties) {
        return new OpenAPI()
                .info(new Info()
                        .title("Onlyonce: " + properties.service())
                        .version("1")
                        .license(new License().name("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0")))
                .servers(List.of(new Server().url("/").description("The service that returns this description")))
                .components(new Components()
                        .addSecuritySchemes(
                                BEARER,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("bearer")
                                        .description("ADMIN_TOKEN. Not required if no token is configured")));
    }

    /** After the models of the operations are resolved, because springdoc removes schemas that no operation uses by then. */
    @Bean
    OpenApiCustomizer problemSchema() {
        return api -> api.getComponents().addSchemas(PROBLEM, problem());
    }

    private static Schema<?> problem() {
        Schema<?> status = new IntegerSchema().description("The HTTP status");
        return new ObjectSchema()
                .description("RFC 9457. Some problems have further fields, for example the invalid fields of an order")
                .addProperty("type", new StringSchema().format("uri-reference"))
                .addProperty("title", new StringSchema())
                .addProperty("status", status)
                .addProperty("detail", new StringSchema().description("The reason"))
                .addProperty("instance", new StringSchema().format("uri-reference"))
                .required(List.of("title", "status"))
                .additionalProperties(true);
    }

    @Bean
    OperationCustomizer errorResponses() {
        return new ErrorResponses();
    }

    @Bean
    ModelConverter recordResolver() {
        return new RecordResolver();
    }
}
