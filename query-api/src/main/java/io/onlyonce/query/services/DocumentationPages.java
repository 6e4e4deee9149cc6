package io.onlyonce.query.services;

import io.onlyonce.query.QueryProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.FileSystemResource;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.handler.SimpleUrlHandlerMapping;
import org.springframework.web.servlet.resource.ResourceHttpRequestHandler;

/**
 * Serves the pages of {@code docs/} as text, so that the dashboard and the console can link the runbook. The results of the
 * bench are in the same folder.
 */
@Configuration(proxyBeanMethods = false)
class DocumentationPages {
    /** Browsers download files of the type text/markdown. */
    private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    @Bean
    static ResourceHttpRequestHandler documentationHandler(QueryProperties properties) {
        Path folder = properties.benchResults().toAbsolutePath().getParent();
        ResourceHttpRequestHandler handler = new ResourceHttpRequestHandler();
        handler.setLocations(List.of(new FileSystemResource(folder + "/")));
        handler.setMediaTypes(Map.of("md", TEXT));
        return handler;
    }

    @Bean
    static HandlerMapping documentationMapping(ResourceHttpRequestHandler documentationHandler) {
        return new SimpleUrlHandlerMapping(Map.of("/runbook/*.md", documentationHandler), 1);
    }
}
