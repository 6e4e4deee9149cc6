package io.onlyonce.web;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.onlyonce.web.server.BodyBudget;
import io.onlyonce.web.server.EmptyParameterInterceptor;
import io.onlyonce.web.server.RequestFilter;
import io.onlyonce.web.server.TomcatSettings;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.micrometer.metrics.autoconfigure.MeterRegistryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.core.StreamReadFeature;

@AutoConfiguration
@EnableConfigurationProperties(WebProperties.class)
@Import({HealthController.class, OpenApiConfiguration.class, ProblemAdvice.class})
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
                registry.addInterceptor(new EmptyParameterInterceptor());
            }
        };
    }

    /** After the filter of the HTTP metrics, so that they include rejected requests, and before all filters that read. */
    @Bean
    FilterRegistrationBean<RequestFilter> requestFilter(
            WebProperties properties,
            BodyBudget budget,
            @Qualifier("handlerExceptionResolver") ObjectProvider<HandlerExceptionResolver> problems) {
        var registration = new FilterRegistrationBean<>(new RequestFilter(properties.http(), budget, problems));
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
        return registration;
    }

    @Bean
    BodyBudget bodyBudget(WebProperties properties) {
        return BodyBudget.ofHeap(
                Runtime.getRuntime().maxMemory(),
                properties.http().bodyMaxBytes().toBytes());
    }

    @Bean
    MeterBinder bodyBudgetMetrics(BodyBudget budget) {
        return registry -> {
            Gauge.builder("http.body.reserved.bytes", budget::reserved)
                    .description("Size of the request bodies in flight")
                    .register(registry);
            Gauge.builder("http.body.budget.bytes", budget::capacity)
                    .description("Limit of the size of all request bodies in flight")
                    .register(registry);
        };
    }

    @Bean
    TomcatSettings tomcatSettings(WebProperties properties) {
        return new TomcatSettings(properties.http(), Runtime.getRuntime().maxMemory());
    }

    /** Rejects a repeated field. Jackson's default is to ignore all but the last. */
    @Bean
    JsonMapperBuilderCustomizer strictJson() {
        return mapper -> mapper.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION);
    }

    @Bean
    MeterRegistryCustomizer<?> serviceLabel(WebProperties properties) {
        return registry -> registry.config().commonTags("service", properties.service());
    }
}
