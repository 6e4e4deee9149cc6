package io.onlyonce.ingest;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Accepts orders over HTTP and writes them to the topic {@code orders}, with group commit. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class IngestApplication implements WebMvcConfigurer {
    private final IngestProperties properties;

    IngestApplication(IngestProperties properties) {
        this.properties = properties;
    }

    public static void main(String[] args) {
        SpringApplication.run(IngestApplication.class, args);
    }

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
        converters.addCustomConverter(new OrderBodyConverter(properties));
    }

    @Override
    public void addViewControllers(ViewControllerRegistry controllers) {
        controllers.addRedirectViewController("/", "/docs");
    }
}
