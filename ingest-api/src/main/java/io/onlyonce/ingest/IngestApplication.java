package io.onlyonce.ingest;

import io.onlyonce.ingest.delivery.DeliveryProperties;
import io.onlyonce.model.Topics;
import io.onlyonce.web.BrokerProbe;
import io.onlyonce.web.KafkaAdmin;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Bean;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Accepts orders over HTTP and writes them to the topic {@code orders}, with group commit. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class IngestApplication implements WebMvcConfigurer {
    private final IngestProperties properties;
    private final ObjectProvider<AdmissionInterceptor> admission;

    IngestApplication(IngestProperties properties, ObjectProvider<AdmissionInterceptor> admission) {
        this.properties = properties;
        this.admission = admission;
    }

    public static void main(String[] args) {
        SpringApplication.run(IngestApplication.class, args);
    }

    @Bean
    KafkaAdmin admin(DeliveryProperties delivery) {
        return new KafkaAdmin(() -> Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                delivery.kafkaBootstrapServers(),
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                500)));
    }

    @Bean
    BrokerProbe brokerProbe(DeliveryProperties delivery, KafkaAdmin admin) {
        return new BrokerProbe(delivery.kafkaBootstrapServers(), List.of(Topics.ORDERS), admin);
    }

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
        converters.addCustomConverter(new OrderBodyConverter(properties));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(admission.getObject())
                .addPathPatterns("/orders", "/orders/batch", "/simulate/duplicate");
    }

    @Override
    public void addViewControllers(ViewControllerRegistry controllers) {
        controllers.addRedirectViewController("/", "/docs");
    }
}
