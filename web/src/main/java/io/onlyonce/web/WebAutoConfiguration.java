package io.onlyonce.web;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.context.annotation.Bean;
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
