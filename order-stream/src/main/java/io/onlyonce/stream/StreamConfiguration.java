package io.onlyonce.stream;

import io.onlyonce.web.HealthCheck;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class StreamConfiguration {
    @Bean
    HealthCheck streamHealth(OrderStream stream) {
        return stream::problem;
    }
}
