package io.onlyonce.query;

import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The compose service {@code api}. */
@SpringBootApplication
@EnableScheduling
@EnableConfigurationProperties(QueryProperties.class)
public class QueryApplication {
    public static void main(String[] args) {
        SpringApplication.run(QueryApplication.class, args);
    }

    /** An order_id can contain a backslash. By default, Tomcat rejects paths with an encoded backslash. */
    @Bean
    TomcatConnectorCustomizer encodedBackslashCustomizer() {
        return connector -> connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
    }
}
