package io.onlyonce.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@AutoConfiguration
@EnableConfigurationProperties(WebProperties.class)
@Import({HealthController.class, ProblemAdvice.class})
class WebAutoConfiguration {
    @Bean
    WebMvcConfigurer webConfigurer(WebProperties properties) {
        return new WebMvcConfigurer() {
            /**
             * Ignores the Accept header, because all responses are JSON. Spring checks it when it writes the response, and
             * would return 406 for an order that is already committed.
             */
            @Override
            public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
                negotiation.ignoreAcceptHeader(true).defaultContentType(MediaType.ALL);
            }

            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new GuardInterceptor(properties.adminToken()));
            }
        };
    }

    /** Accepts encoded slashes in paths, because an order_id can contain a slash. Tomcat rejects them by default. */
    @Bean
    TomcatConnectorCustomizer encodedSlashCustomizer() {
        return connector -> connector.setEncodedSolidusHandling("passthrough");
    }

    @Bean
    MeterRegistryCustomizer<?> serviceLabel(WebProperties properties) {
        return registry -> registry.config().commonTags("service", properties.service());
    }

    @Bean
    OpenAPI openApi(WebProperties properties) {
        return new OpenAPI()
                .info(new Info().title("Onlyonce: " + properties.service()).version("1"));
    }
}
