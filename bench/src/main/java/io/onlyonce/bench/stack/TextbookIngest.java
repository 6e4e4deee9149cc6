package io.onlyonce.bench.stack;

import static java.util.Map.entry;

import io.onlyonce.bench.BaselineJvm;
import io.onlyonce.model.Topics;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.support.serializer.JacksonJsonSerializer;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * The ingest service of a tutorial: Spring reads the order, and {@code KafkaTemplate} writes it as JSON in a transaction of its
 * own. All settings that affect the speed are the defaults of Spring Boot, spring-kafka and Kafka.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@RestController
public class TextbookIngest {
    private final KafkaTemplate<String, Order> kafka;

    TextbookIngest(KafkaTemplate<String, Order> kafka) {
        this.kafka = kafka;
    }

    record Item(String name, int quantity, BigDecimal price) {}

    record Order(
            String orderId,
            String customerId,
            List<Item> items,
            BigDecimal totalAmount,
            @Nullable Instant createdAt) {
        Order {
            createdAt =
                    Objects.requireNonNullElseGet(createdAt, () -> Instant.now().truncatedTo(ChronoUnit.MICROS));
        }
    }

    record Accepted(String status, String orderId) {}

    /** @param args port, bootstrap servers */
    public static void main(String[] args) {
        BaselineJvm.exitWithParent();
        SpringApplication application = new SpringApplication(TextbookIngest.class);
        application.setDefaultProperties(Map.ofEntries(
                entry("server.address", "127.0.0.1"),
                entry("server.port", args[0]),
                entry("bench.bootstrap-servers", args[1]),
                entry("spring.main.banner-mode", "off"),
                entry("spring.jackson.property-naming-strategy", "SNAKE_CASE")));
        application.run();
    }

    @Bean
    static KafkaTemplate<String, Order> template(
            @Value("${bench.bootstrap-servers}") String bootstrapServers, JsonMapper mapper) {
        var factory = new DefaultKafkaProducerFactory<String, Order>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
                new StringSerializer(),
                new JacksonJsonSerializer<>(mapper));
        factory.setTransactionIdPrefix("textbook-");
        return new KafkaTemplate<>(factory);
    }

    @PostMapping("/orders")
    Accepted accept(@RequestBody Order order) {
        // Returns after the commit, so the record is already written.
        kafka.executeInTransaction(operations -> operations.send(Topics.ORDERS, order.orderId(), order))
                .join();
        return new Accepted("accepted", order.orderId());
    }
}
