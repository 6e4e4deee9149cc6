package io.onlyonce.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

@AutoConfiguration
@EnableConfigurationProperties(WebProperties.class)
class WebAutoConfiguration {
    @Bean
    HealthController healthController(WebProperties properties, ObjectProvider<HealthCheck> checks) {
        return new HealthController(properties.service(), checks);
    }

    @Bean
    ProblemAdvice problemAdvice() {
        return new ProblemAdvice();
    }

    /**
     * There is JSON and nothing else. Spring looks at Accept only when it writes the answer: it would say 406 of an order
     * that is committed already.
     */
    @Bean
    WebMvcConfigurer jsonWhateverIsAcceptedConfigurer() {
        return new WebMvcConfigurer() {
            @Override
            public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
                negotiation.ignoreAcceptHeader(true).defaultContentType(MediaType.ALL);
            }
        };
    }

    /** An order_id may have a slash in it; Tomcat refuses one in a path, even encoded, unless told to leave it to Spring. */
    @Bean
    TomcatConnectorCustomizer encodedSlashCustomizer() {
        return connector -> connector.setEncodedSolidusHandling("passthrough");
    }

    @Bean
    WebMvcConfigurer guardConfigurer(WebProperties properties) {
        return new WebMvcConfigurer() {
            @Override
            public void addInterceptors(InterceptorRegistry registry) {
                registry.addInterceptor(new CrossSiteInterceptor());
                properties.adminToken().ifPresent(token -> registry.addInterceptor(new GuardInterceptor(token)));
            }
        };
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
